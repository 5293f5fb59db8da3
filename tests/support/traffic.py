"""The messages of the service under test, moved as its functions move them."""

import json
import time
from collections.abc import Callable
from typing import Any

from carafe.development.event_sources import QueueTrigger
from carafe.development.inbox_pump import InboxPump
from carafe.development.pump import QueuePump
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.names import (
    RETRY_DELAYS_SECONDS,
    inbox_queue,
    parked_queue,
    retry_queue,
)
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.testing.inbound import Broker
from carafe.testing.sqs import Sqs
from chalice.app import SQSEvent

from local.shipping_bus import SERVICE, received_from

WAIT_SECONDS = 30.0


class Traffic:
    """Relays, consumes and executes, until nothing more is awaited.

    Args:
        service: the service under test.
        sqs: where its commands queue.
        commands: its queue of commands.
    """

    def __init__(self, service: Container[Any], sqs: Sqs, commands: QueueTrigger) -> None:
        from app import functions  # noqa: PLC0415 - after the environment is set

        def execute(event: dict[str, Any], context: Any) -> object:  # noqa: ANN401 - Lambda's
            return functions.execute_queued(SQSEvent(event, context))

        self._service = service
        self.broker = Broker(service)
        url = service.settings.rabbitmq_url
        self._inbox = InboxPump(url, inbox_queue(self.broker.name), functions.consume_events)
        self._commands = QueuePump(sqs.client, sqs.url(commands.queue), commands, execute)
        # The shipping service receives the commands of this service, under the name that it has.
        RabbitMQBus(url, SERVICE).declare(received_from(self.broker.name))

    def relay(self) -> None:
        """Publish what waits in the documents."""
        assert self._service.relay.sweep(0, time.monotonic() + WAIT_SECONDS).unfinished == set()

    def consume(self) -> None:
        """Handle what is in the inbox."""
        self._inbox.step()

    def aside(self) -> int:
        """Return how many messages are held back or parked."""
        name = self.broker.name
        queues = [retry_queue(name, each) for each in RETRY_DELAYS_SECONDS]
        return sum(self.broker.count(each) for each in [*queues, parked_queue(name)])

    def execute(self) -> None:
        """Execute the commands that queue."""
        self._commands.step(wait_seconds=0)

    def until(self, condition: Callable[[], bool]) -> None:
        """Let messages flow until a condition is true."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"not true within {WAIT_SECONDS:.0f} s: {condition}"
            self.relay()
            self.consume()
            self.execute()

    def double(self, wire_type: str) -> None:
        """Publish what waits, which is one event of this type, and let it come twice."""
        self.relay()
        self.broker.wait_for(1)
        inbox = inbox_queue(self.broker.name)
        ((_, body),) = self.broker.take_all(inbox)
        assert json.loads(body)["type"] == wire_type
        for _ in range(2):
            self.broker.put(inbox, body)
