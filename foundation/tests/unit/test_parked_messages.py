"""What the commands for parked messages take for the end of a queue."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from carafe.development.parked.on_rabbitmq import Destination, RabbitMQParked
from carafe.development.parked.on_sqs import SqsParked

SILENCE = (None, None, None)
ENDLESS = 10_000


class Channel:
    """Stands for a broker: it has counted messages, and delivers what a test says, then nothing."""

    def __init__(self, count: int, *deliveries: bytes | None) -> None:
        self._count = count
        self._deliveries = deliveries
        self.silences = 0

    def queue_declare(self, _queue: str, *, passive: bool) -> object:
        assert passive
        return SimpleNamespace(method=SimpleNamespace(message_count=self._count))

    def basic_qos(self, prefetch_count: int) -> None:
        assert prefetch_count > 0

    def consume(self, _queue: str, inactivity_timeout: float) -> Iterator[tuple[Any, ...]]:
        assert inactivity_timeout > 0
        for body in (*self._deliveries, *[None] * ENDLESS):
            self.silences += body is None
            method = SimpleNamespace(delivery_tag=1)
            yield SILENCE if body is None else (method, pika.BasicProperties(), body)  # type: ignore[no-untyped-call]


def ids_of(channel: Channel, limit: int = 100) -> list[str]:
    queue = RabbitMQParked(
        cast("BlockingChannel", channel), "parked", lambda _: Destination("", "")
    )
    return [each.id for each in queue.messages(limit)]


@pytest.mark.parametrize(
    ("channel", "ids", "silences"),
    [
        (Channel(0), [], 1),
        (Channel(2, b'{"id": "a"}', b'{"id": "b"}'), ["a", "b"], 1),
        (Channel(2, None, b'{"id": "a"}', None, None, b'{"id": "b"}'), ["a", "b"], 4),
        (Channel(1, b'{"id": "a"}', b'{"id": "later"}'), ["a", "later"], 1),
    ],
    ids=["none", "at once", "slowly", "one more"],
)
def test_those_that_were_counted_are_waited_for(
    channel: Channel, ids: list[str], silences: int
) -> None:
    assert (ids_of(channel), channel.silences) == (ids, silences)


def test_a_way_may_be_slow_for_each_of_many() -> None:
    bodies = [b'{"id": "%d"}' % number for number in range(50)]
    slowly = [each for body in bodies for each in (None, body)]
    assert len(ids_of(Channel(50, *slowly))) == 50


def test_one_that_somebody_else_has_taken_is_not_waited_for_without_end() -> None:
    channel = Channel(2, b'{"id": "a"}')
    assert ids_of(channel) == ["a"]
    assert 1 < channel.silences < 100


def test_no_more_than_the_limit_are_waited_for() -> None:
    channel = Channel(9, None, b'{"id": "a"}', b'{"id": "b"}')
    assert (ids_of(channel, 1), channel.silences) == (["a"], 1)


class ShardedSqs:
    """Stands for an SQS whose servers have a message each: without a wait, none is asked."""

    def __init__(self, *bodies: str) -> None:
        self._bodies = list(bodies)

    def get_queue_url(self, **name: str) -> dict[str, str]:
        return {"QueueUrl": name["QueueName"]}

    def receive_message(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - as boto3's client
        if not self._bodies or not arguments.get("WaitTimeSeconds"):
            return {}
        body = self._bodies.pop(0)
        return {"Messages": [{"ReceiptHandle": body, "Body": body}]}


def test_every_server_of_sqs_is_asked() -> None:
    sqs = ShardedSqs('{"id": "a"}', '{"id": "b"}')
    assert [each.id for each in SqsParked(sqs, "commands").messages(100)] == ["a", "b"]
