"""The present code, on what a version has stored."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from carafe.api.functions import Functions
from carafe.development.event_sources import QueueTrigger
from carafe.domain.model import AggregateRoot
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.delivery import Delivery
from carafe.infrastructure.cqrs.inbox import Settled
from carafe.infrastructure.cqrs.queued_commands import QueuedMessage
from carafe.infrastructure.event_bus.names import unrouted_queue
from carafe.infrastructure.timers.nudges import TimerNudge
from carafe.testing.clock import StoppedClock
from carafe.testing.inbound import Broker
from carafe.testing.sqs import Sqs
from tests.support.settling import soon

from . import library as lib

Document = dict[str, Any]


@dataclass
class Library:
    """The present code, on what a version has stored.

    Attributes:
        container: the wired service.
        functions: its functions.
        clock: stands where the scenario began.
        broker: its queues.
        sqs: the local SQS.
        queue: its queue of commands.
    """

    container: Container[Any]
    functions: Functions
    clock: StoppedClock
    broker: Broker
    sqs: Sqs
    queue: QueueTrigger

    def loan(self, identifier: str) -> lib.Loan:
        """Return a loan."""
        return self.container.repository(lib.Loan).get(identifier)

    def reminding(self, member: str) -> lib.Reminding:
        """Return a process."""
        return self.container.repository(lib.Reminding).get(lib.reminding_id(member))

    def document(self, identifier: str, aggregate: type[AggregateRoot] = lib.Loan) -> Document:
        """Return a document as it is stored now."""
        found = self.container.repository(aggregate).collection.find_one({"_id": identifier})
        assert found is not None
        return found

    def relay(self, collection: str, *identifiers: str) -> None:
        """Relay what waits of some aggregates."""
        self.container.relay.relay({collection: identifiers}, soon())

    def published(self) -> list[tuple[Document, str]]:
        """Take what was published: properties and body, oldest first."""
        queue = unrouted_queue(lib.NAME)
        return [
            ({"message_id": each.message_id, "type": each.type}, body.decode())
            for each, body in self.broker._take(queue)  # noqa: SLF001 - both at once
        ]

    def execute(self, body: str, failures: int = 0) -> list[str]:
        """Give a body from the queue of commands to `execute`; return what must come again."""
        message = QueuedMessage("m-1", "receipt", self.queue.queue, body, failures)
        return self.functions.queued_commands().settle([message], soon())

    def settle(self, *deliveries: Delivery) -> Settled:
        """Give messages of other services to the inbox."""
        return self.functions.inbox().settle(deliveries, soon())

    def call_timers(self, *identifiers: str, later: timedelta) -> None:
        """Let time pass, and call what is due."""
        self.clock.advance(later)
        assert self.functions.call_timers(TimerNudge(list(identifiers), "loans"), soon())
