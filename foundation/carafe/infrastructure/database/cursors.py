"""Cursors of pages: opaque, and worthless when they are changed or used elsewhere."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

import bson
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from bson.errors import BSONError

from carafe.domain.errors import InvalidValue

_SEAL_BYTES = 16
_OPTIONS: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
)


class Cursors:
    """Seals and opens cursors.

    Args:
        secret: known to every instance of the service, and to nobody else.
    """

    def __init__(self, secret: str) -> None:
        self._key = secret.encode()

    def seal(self, values: Sequence[object], query: str) -> str:
        """Return the cursor behind an item.

        Args:
            values: the item's, of the fields that are sorted by, as they are stored.
            query: what the pages are of; the cursor fits no other.
        """
        content = bson.encode({"behind": list(values)}, codec_options=_OPTIONS)
        return base64.urlsafe_b64encode(self._seal(content, query) + content).decode().rstrip("=")

    def open(self, cursor: str, query: str) -> list[Any]:
        """Return the values in a cursor.

        Raises:
            InvalidValue: it is not one that was sealed for this query.
        """
        try:
            raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            seal, content = raw[:_SEAL_BYTES], raw[_SEAL_BYTES:]
            if hmac.compare_digest(seal, self._seal(content, query)):
                values: list[Any] = bson.decode(content, codec_options=_OPTIONS)["behind"]
                return values
        except (ValueError, BSONError):
            pass  # answered below, like every other forgery
        raise InvalidValue("cursor", "is not one that this service gave for this query")

    def _seal(self, content: bytes, query: str) -> bytes:
        message = query.encode() + b"\n" + content
        return hmac.new(self._key, message, hashlib.sha256).digest()[:_SEAL_BYTES]
