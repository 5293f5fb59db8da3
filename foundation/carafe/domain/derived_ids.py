"""Ids that follow from what they name, so that the same thing gets the same id again."""

import hashlib
import json


def derived_id(kind: str, *parts: str) -> str:
    """Return a UUIDv8 made of a SHA-256 digest, as RFC 9562 shows in its appendix B.2.

    Args:
        kind: what is named; things of different kinds have different ids.
        parts: what tells it from others of its kind.
    """
    digest = hashlib.sha256(json.dumps([kind, *parts]).encode()).hexdigest()
    variant = "89ab"[int(digest[16], 16) & 3]
    return f"{digest[:8]}-{digest[8:12]}-8{digest[13:16]}-{variant}{digest[17:20]}-{digest[20:32]}"
