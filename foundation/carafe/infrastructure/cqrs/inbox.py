"""The inbox: events and commands of other services, each settled by itself.

One takes effect once, however often it comes: its id lies among the handled commands of the
aggregate that it changed. One that fails is held back for longer each time, then parked; one that
can never succeed is parked at once. Its neighbours go on. The sender of a command that is parked
is told by an event.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from msgspec import Struct, field

from carafe.contracts.envelope import (
    Caller,
    CommandContext,
    ReceivedEvent,
    correlation_id_in,
    traceparent_in,
)
from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.contracts.received_commands import received_commands
from carafe.contracts.upcasters import Upcaster, upcast
from carafe.contracts.validation import read, read_json
from carafe.infrastructure.errors import StoreUnavailable
from carafe.infrastructure.event_bus.names import (
    RETRY_DELAYS_SECONDS,
    inbox_queue,
    parked_queue,
    retry_queue,
)
from carafe.infrastructure.event_bus.port import EventBus, Message
from carafe.infrastructure.identifiers import digest_of, event_command_id, new_id, now

from .aside import AsideMessage, aside_message, put_aside
from .delivery import ATTEMPTS, Delivery
from .failures import (
    NO_ATTEMPT,
    NO_ATTEMPT_SECONDS,
    UnknownMessage,
    code_of,
    detail_of,
    is_final,
)
from .invocation import Invocation
from .middleware.correlation import correlated_by
from .refusals import publish_refusals, refusal_of

log = logging.getLogger(__name__)

REASON = "x-parked-reason"
DETAIL = "x-parked-detail"
PARKED_AT = "x-parked-at"

# Left for putting messages aside when the handling has stopped.
SENDING_SECONDS = 5.0


class Settled(Struct):
    """What became of some deliveries.

    Attributes:
        handled: they took effect, now or before.
        retried: they failed and come again later.
        parked: they wait for a person.
        postponed: there was no time for them.
    """

    handled: int = 0
    retried: int = 0
    parked: int = 0
    postponed: int = 0


class _Batch(Struct):
    """What is known of some deliveries while they are settled.

    Attributes:
        settled: what became of them so far.
        refusals: events that tell senders that their commands are refused.
        outage: why the store cannot be reached; None while it can.
    """

    settled: Settled = field(default_factory=Settled)
    refusals: list[Message] = field(default_factory=list)
    outage: StoreUnavailable | None = None


class Inbox:
    """Settles deliveries.

    Args:
        service: whose inbox it is.
        handle: handles an event's or a command's invocation, or raises.
        bus: takes what is held back or parked, and refusals of commands.
        subscribed: the events and commands that are handled.
        upcasters: steps from earlier versions.
        ignored: wire types that are acknowledged, and nothing else; a binding may be left for one.
    """

    def __init__(  # noqa: PLR0913 - the last has a default
        self,
        service: str,
        handle: Callable[[Invocation], object],
        bus: EventBus,
        subscribed: Sequence[type[IntegrationEvent]],
        upcasters: Mapping[str, Upcaster],
        *,
        ignored: AbstractSet[str] = frozenset(),
    ) -> None:
        self._service = service
        self._handle = handle
        self._bus = bus
        self._contracts = {contract.wire_type: contract for contract in subscribed}
        # Without versions: an unknown version of a command is refused too.
        self._commands = {routing_key(each.wire_type) for each in received_commands(subscribed)}
        self._upcasters = upcasters
        self._ignored = ignored

    def settle(self, deliveries: Sequence[Delivery], deadline: float) -> Settled:
        """Handle each delivery, or put it where it comes again, or where a person finds it.

        While the store is away, all are held back: nobody says how often Lambda delivers a batch
        again whose function fails, and what it does then.

        Args:
            deliveries: in the order in which they came.
            deadline: on the clock of `time.monotonic`.

        Raises:
            BusUnavailable: something could not be put aside. All must be delivered again; what
                took effect is recognised then.
        """
        batch = _Batch()
        aside: list[AsideMessage] = []
        for delivery in deliveries:
            if deadline - time.monotonic() < SENDING_SECONDS:
                batch.settled.postponed += 1
                aside.append(self._put(inbox_queue(self._service), delivery, {}))
            elif batch.outage is not None:
                aside.append(self._failed(delivery, batch.outage, batch))
            elif message := self._unhandled(delivery, batch):
                aside.append(message)
        publish_refusals(self._bus, batch.refusals, deadline)
        put_aside(self._bus, aside, deadline)
        return batch.settled

    def _unhandled(self, delivery: Delivery, batch: _Batch) -> AsideMessage | None:
        """Handle one delivery; return the message to put aside if that failed."""
        try:
            received = read_json(ReceivedEvent, delivery.body)
            context = context_of(received)
        except Exception as error:  # noqa: BLE001 - held back or parked, with its reason
            return self._failed(delivery, error, batch)
        with correlated_by(context):
            try:
                self._react(received, context)
            except Exception as error:  # noqa: BLE001 - held back or parked, with its reason
                if isinstance(error, StoreUnavailable):
                    batch.outage = error
                return self._failed(delivery, error, batch, received)
        batch.settled.handled += 1
        return None

    def _react(self, received: ReceivedEvent, context: CommandContext) -> None:
        if received.type in self._ignored:
            return
        wire_type, data = upcast(received.type, received.data, self._upcasters)
        if wire_type not in self._contracts:
            raise UnknownMessage("No handler for this type and version.")
        event = read(self._contracts[wire_type], data)
        self._handle(Invocation.of(event, context))

    def _failed(
        self,
        delivery: Delivery,
        error: Exception,
        batch: _Batch,
        received: ReceivedEvent | None = None,
    ) -> AsideMessage:
        if isinstance(error, NO_ATTEMPT) or not is_final(error, delivery.failures):
            batch.settled.retried += 1
            return self._held_back(delivery, error)
        if received is not None and routing_key(received.type) in self._commands:
            batch.refusals.append(refusal_of(received, delivery.body, error, self._service))
        batch.settled.parked += 1
        return self._parked(delivery, error)

    def _held_back(self, delivery: Delivery, error: Exception) -> AsideMessage:
        if isinstance(error, NO_ATTEMPT):
            delay, notes = NO_ATTEMPT_SECONDS, {}
        else:
            delay = RETRY_DELAYS_SECONDS[delivery.failures]
            notes = {ATTEMPTS: delivery.failures + 1}
        log.warning(
            "event held back",
            extra={**_names(delivery), "reason": code_of(error), "delay_seconds": delay},
        )
        return self._put(retry_queue(self._service, delay), delivery, notes)

    def _parked(self, delivery: Delivery, error: Exception) -> AsideMessage:
        log.error("event parked", extra={**_names(delivery), "reason": code_of(error)})
        headers = {
            REASON: code_of(error),
            DETAIL: detail_of(error),
            PARKED_AT: now().isoformat(timespec="milliseconds"),
        }
        return self._put(parked_queue(self._service), delivery, headers)

    def _put(self, queue: str, delivery: Delivery, notes: Mapping[str, Any]) -> AsideMessage:
        attempts = {ATTEMPTS: delivery.failures} if delivery.failures else {}
        return aside_message(delivery, queue, {**attempts, **notes})


def context_of(event: ReceivedEvent) -> CommandContext:
    """Return the context in which an event's effect is a command."""
    return CommandContext(
        command_id=event_command_id(event.source, event.id),
        digest=digest_of(event.type, event.data),
        caller=Caller(subject=event.source, scopes=frozenset()),
        correlation_id=correlation_id_in(event.correlationid) or new_id(),
        traceparent=traceparent_in(event.traceparent),
        causation_id=event.id,
    )


def _names(delivery: Delivery) -> dict[str, str | None]:
    return {"event_id": delivery.message_id, "event_type": delivery.type}
