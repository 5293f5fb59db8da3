"""The service's queues on RabbitMQ and SQS, as the test sees them, and what it sends there."""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from carafe.development.event_sources import queue_triggers
from carafe.development.project import project
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.sqs_command_queue import dead_letters
from carafe.infrastructure.event_bus.connections import connect, parameters_of
from carafe.infrastructure.event_bus.names import (
    RETRY_DELAYS_SECONDS,
    events_exchange,
    inbox_queue,
    parked_queue,
    retry_queue,
    unrouted_queue,
)
from carafe.infrastructure.event_bus.port import CLOUD_EVENT
from carafe.testing.inbound import Broker
from carafe.testing.sqs import Sqs

Event = Mapping[str, Any]

# What a version later than both may add to a message.
LATER = {"newer": {"of": "a version that neither knows"}}


def forget_earlier_runs(sqs: Sqs) -> None:
    """Delete the queues that app.py names: runs share their names, one at a time."""
    for trigger in queue_triggers(project().app):
        for name in (trigger.queue, dead_letters(trigger.queue)):
            with suppress(sqs.client.exceptions.QueueDoesNotExist):
                sqs.client.delete_queue(QueueUrl=sqs.url(name))


class Messages:
    """What waits, what was put aside, and everything that the service has published.

    Args:
        container: the service, in this process.
        sqs: its queues.
        nudges, commands: their names.
    """

    def __init__(self, container: Container[Any], sqs: Sqs, nudges: str, commands: str) -> None:
        self._broker = Broker(container)
        self._url = container.settings.rabbitmq_url
        self._sqs = sqs
        self._queues = (nudges, commands)
        self._commands = commands
        self._arrivals = f"{self._broker.name}.arrivals"

    def listen(self) -> None:
        """Gather everything that the service publishes from now on."""
        with connect(parameters_of(self._url)) as connection:
            channel = connection.channel()
            arguments = {"x-queue-type": "quorum"}
            channel.queue_declare(self._arrivals, durable=True, arguments=arguments)
            channel.queue_bind(self._arrivals, events_exchange(self._broker.name), "#")

    def arrived(self) -> Iterator[Event]:
        """Take everything that was published, in its order."""
        with connect(parameters_of(self._url)) as connection:
            channel = connection.channel()
            channel.basic_qos(prefetch_count=1_000)
            for method, _, body in channel.consume(self._arrivals, inactivity_timeout=1):
                if method is None or body is None:
                    return
                channel.basic_ack(method.delivery_tag)
                yield json.loads(body)

    def announce(self, event: dict[str, Any]) -> None:
        """Publish an event of another service, with an attribute that nobody knows."""
        self._broker.publish(event | LATER)

    def send_command(self, command: dict[str, Any]) -> None:
        """Queue a command, with a field that nobody knows."""
        self._sqs.send(self._commands, command | LATER)

    def send_for_the_last_time(self, event: dict[str, Any]) -> None:
        """Put an event into the inbox that is parked if it fails once more."""
        self._broker.put(
            inbox_queue(self._broker.name),
            json.dumps(event | LATER).encode(),
            message_id=event["id"],
            type=event["type"],
            content_type=CLOUD_EVENT,
            delivery_mode=2,
            headers={"x-attempts": len(RETRY_DELAYS_SECONDS)},
        )

    @property
    def queued(self) -> int:
        """How many nudges and commands wait in SQS, delayed ones included."""
        return sum(map(self._sqs.count, self._queues))

    @property
    def inbound(self) -> int:
        """How many messages wait in the inbox, or are held back."""
        name = self._broker.name
        held_back = [retry_queue(name, each) for each in RETRY_DELAYS_SECONDS]
        return sum(map(self._broker.count, [inbox_queue(name), *held_back]))

    @property
    def parked(self) -> int:
        """How many inbound messages are parked."""
        return self._broker.count(parked_queue(self._broker.name))

    @property
    def are_any_dead(self) -> bool:
        """Whether a nudge or a command was put aside."""
        return any(self._sqs.count(dead_letters(each)) for each in self._queues)

    def put_aside(self) -> Iterator[str]:
        """Take what was put aside, and yield a sentence for each."""
        for headers, _ in self._broker.parked():
            told = [headers[each] for each in ("x-parked-reason", "x-parked-detail")]
            yield f"an inbound message was parked: {', '.join(told)}"
        for _, body in self._broker.take_all(unrouted_queue(self._broker.name)):
            yield f"nobody wanted {json.loads(body)['type']}"
        for queue, kind in zip(self._queues, ("nudge", "queued command"), strict=True):
            yield from self._dead(queue, kind)

    def _dead(self, queue: str, kind: str) -> Iterator[str]:
        url = self._sqs.url(dead_letters(queue))
        while messages := self._sqs.client.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
        ).get("Messages"):
            for each in messages:
                notes = each.get("MessageAttributes", {})
                told = [
                    notes[name]["StringValue"] for name in ("reason", "detail") if name in notes
                ]
                yield f"a {kind} was parked: {', '.join(told)}"
                self._sqs.client.delete_message(QueueUrl=url, ReceiptHandle=each["ReceiptHandle"])
