"""A message of RabbitMQ, as it is handed to the inbox."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field

ATTEMPTS = "x-attempts"
"""The header that counts how often handling failed."""


class Delivery(Struct, frozen=True, kw_only=True):
    """A message as the broker hands it over.

    Attributes:
        body: bytes, supposedly a CloudEvent as JSON.
        message_id: the AMQP property; None if the publisher gave none.
        type: the AMQP property.
        content_type: the AMQP property.
        headers: AMQP headers, whatever the publisher put there.
    """

    body: bytes
    message_id: str | None = None
    type: str | None = None
    content_type: str | None = None
    headers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def failures(self) -> int:
        """How often its handling failed before."""
        count = self.headers.get(ATTEMPTS)
        return count if type(count) is int and count > 0 else 0
