"""Repeated requests: the header Idempotency-Key makes two requests the same command.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import re

from carafe.infrastructure.identifiers import command_id, new_id

from .problems import RequestRefused

REPLAYED = {"Idempotent-Replayed": "true"}
"""The header of an answer that was given before."""

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def command_id_of(key: str | None, subject: str) -> str:
    """Return the command id of a request: the same for the same key of the same caller.

    Args:
        key: the header Idempotency-Key; without one, every request is a new command.
        subject: the caller.

    Raises:
        RequestRefused: the key is malformed.
    """
    if key is None:
        return new_id()
    if not _KEY.fullmatch(key):
        raise RequestRefused(
            "Idempotency-Key must be 1 to 255 visible ASCII characters.",
            code="malformed_idempotency_key",
            status=400,
        )
    return command_id(subject, key)
