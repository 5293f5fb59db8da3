"""The event with which AWS Lambda hands over messages of Amazon MQ for RabbitMQ.

https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from carafe.infrastructure.cqrs.inbox import Delivery

# What an AMQP integer can be at most; JSON knows no such limit.
_LARGEST_INTEGER = 2**63 - 1


def deliveries_of(event: Mapping[str, Any]) -> Iterator[Delivery]:
    """Yield the messages of all queues in an event.

    A body that is no base64 is handed on as it stands, to be parked.
    """
    for messages in event["rmqMessagesByQueue"].values():
        for message in messages:
            properties = message.get("basicProperties") or {}
            yield Delivery(
                body=_bytes_of(message.get("data")),
                message_id=_text_of(properties.get("messageId")),
                type=_text_of(properties.get("type")),
                content_type=_text_of(properties.get("contentType")),
                headers=_headers_of(properties.get("headers")),
            )


def _headers_of(headers: object) -> dict[str, Any]:
    if not isinstance(headers, dict):
        return {}
    return {str(name): _header(value) for name, value in headers.items()}


def _header(value: object) -> Any:  # noqa: ANN401 - any AMQP value
    """Return a header's value; Lambda writes a text as `{"bytes": [97, 98]}`."""
    if isinstance(value, dict):
        if value.keys() == {"bytes"}:
            return _text_from(value["bytes"])
        return {str(name): _header(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_header(each) for each in value]
    if isinstance(value, float):
        return str(value)  # pika knows no such value
    if isinstance(value, int) and not -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER:
        return str(value)
    return value


def _text_from(numbers: object) -> str:
    try:
        return bytes(numbers).decode(errors="replace")  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError):
        return str(numbers)


def _bytes_of(data: object) -> bytes:
    text = data if isinstance(data, str) else ""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


def _text_of(value: object) -> str | None:
    return value if isinstance(value, str) else None
