"""The events with which AWS Lambda invokes the functions, read here alone.

SQS: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
Amazon MQ for RabbitMQ: https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html
"""

import base64
import binascii
import time
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from chalice.app import SQSEvent

if TYPE_CHECKING:
    from carafe.infrastructure.cqrs.delivery import Delivery
    from carafe.infrastructure.cqrs.queued_commands import QueuedMessage

BatchAnswer = dict[str, list[dict[str, str]]]

# Left for the answer when the work has stopped.
MARGIN_SECONDS = 1.0

# Of AMQP.
_LARGEST_INTEGER = 2**63 - 1

# Levels of arrays and tables in a header. A publisher can nest thousands of them.
_DEEPEST = 16

_SMALLEST_BYTE, _LARGEST_BYTE = -128, 255

# Digits of a count; a longer one is as good as endless.
_LONGEST_COUNT = 9


def deadline_of(context: Any) -> float:  # noqa: ANN401 - Lambda's, which has no type
    """Return when an invocation's work must end, on the clock of `time.monotonic`."""
    remaining: float = context.get_remaining_time_in_millis() / 1000
    return time.monotonic() + remaining - MARGIN_SECONDS


def bodies_of(event: SQSEvent) -> Iterator[tuple[str, str]]:
    """Yield id and body of each message of SQS."""
    for record in event:
        yield record.to_dict()["messageId"], record.body


def queued_messages_of(event: SQSEvent) -> "Iterator[QueuedMessage]":
    """Yield each message of SQS that is supposed to be a command."""
    from carafe.infrastructure.cqrs.queued_commands import FAILURES, QueuedMessage

    for record in event:
        values = record.to_dict()
        attributes = values.get("messageAttributes") or {}
        yield QueuedMessage(
            id=values["messageId"],
            receipt=values["receiptHandle"],
            queue=values["eventSourceARN"].rpartition(":")[2],
            body=values["body"],
            failures=_count_of((attributes.get(FAILURES) or {}).get("stringValue")),
        )


def batch_answer(failed: list[str]) -> BatchAnswer:
    """Return SQS's partial batch response: the ids of messages to be delivered again."""
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def deliveries_of(event: Mapping[str, Any]) -> "Iterator[Delivery]":
    """Yield the messages of all queues in an event of Amazon MQ.

    A body that is not base64 is passed on as it is, to be parked.
    """
    from carafe.infrastructure.cqrs.delivery import Delivery

    for messages in event["rmqMessagesByQueue"].values():
        for message in messages:
            properties = message.get("basicProperties")
            properties = properties if isinstance(properties, dict) else {}
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


def _header(value: object, depth: int = 0) -> Any:  # noqa: ANN401 - any AMQP value
    """Return a header's value; Lambda writes a text as `{"bytes": [97, 98]}`."""
    if isinstance(value, dict) and value.keys() == {"bytes"}:
        return _text_from(value["bytes"])
    if isinstance(value, dict | list) and depth == _DEEPEST:
        return "(nested too deeply)"
    if isinstance(value, dict):
        return {str(name): _header(each, depth + 1) for name, each in value.items()}
    if isinstance(value, list):
        return [_header(each, depth + 1) for each in value]
    # pika cannot encode a float; JSON has no largest integer.
    is_text = isinstance(value, float) or (
        isinstance(value, int) and not -_LARGEST_INTEGER <= value <= _LARGEST_INTEGER
    )
    return str(value) if is_text else value


def _text_from(numbers: object) -> str | bytes:
    """Return the text of its bytes, or the bytes if they are not UTF-8.

    Lambda is written in Java, whose bytes are signed: -61 stands for 195.
    """
    is_bytes = isinstance(numbers, list) and all(
        type(each) is int and _SMALLEST_BYTE <= each <= _LARGEST_BYTE for each in numbers
    )
    if not isinstance(numbers, list) or not is_bytes:
        return str(numbers)
    octets = bytes(each & _LARGEST_BYTE for each in numbers)
    try:
        return octets.decode()
    except UnicodeDecodeError:
        return octets


def _count_of(text: object) -> int:
    is_count = isinstance(text, str) and text.isascii() and text.isdecimal()
    return int(text[:_LONGEST_COUNT]) if isinstance(text, str) and is_count else 0


def _bytes_of(data: object) -> bytes:
    text = data if isinstance(data, str) else ""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return text.encode()


def _text_of(value: object) -> str | None:
    return value if isinstance(value, str) else None
