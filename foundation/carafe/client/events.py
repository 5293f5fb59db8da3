"""A service's events as typed messages, received from any bus.

The protocols say what a bus must offer. The foundation's own buses do.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from carafe.contracts.correlation import correlation_context
from carafe.contracts.envelope import CloudEvent
from carafe.contracts.integration_events import IntegrationEvent, routing_key

from .errors import EventUnreadable, SubscriptionLost
from .reading import BodyUnreadable, convert, decode
from .sequences import Sequences

E = TypeVar("E", bound=IntegrationEvent)

Handler = Callable[[E, CloudEvent], None]
Park = Callable[[bytes, str], None]
OnUnexpectedSequence = Callable[[CloudEvent, int], None]

POLL_SECONDS = 1.0


class Delivery(Protocol):
    """One message as a subscriber receives it."""

    @property
    def body(self) -> bytes:
        """The CloudEvents envelope as JSON."""


D = TypeVar("D", bound=Delivery)


class Subscription(Protocol[D]):
    """Messages for one subscriber; use it in a `with` block, which closes it.

    Whatever `receive` or `settle` raises means that the subscription has ended.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> bool | None: ...

    def receive(self, timeout_seconds: float, /) -> D | None:
        """Return the next message, or None if none arrives in time."""

    def settle(self, message: D, /) -> None:
        """Acknowledge a message; unless acknowledged, it is delivered again."""


class EventBus(Protocol[D]):
    """Delivers the events of one service to subscribers, by routing key."""

    def subscribe(self, patterns: Sequence[str], queue: str | None = None) -> Subscription[D]:
        """Subscribe to future events.

        Args:
            patterns: of routing keys.
            queue: a named queue keeps its messages between subscriptions; without a name the
                queue is deleted with the subscription.
        """


class EventListener:
    """Passes events to handlers, one after the other; the `with` block is the subscription.

    A message is settled when its handler returns. What a handler raises reaches the caller, and
    the message is delivered again, so handlers must recognise a repeat by the envelope's `id`.
    When the bus ends the subscription, SubscriptionLost is raised; the listener can be used in
    another `with` block.

    A handler may take seven minutes. RabbitMQ ends a subscription whose messages are not settled
    within half an hour, and a few messages are fetched ahead.

    Args:
        bus: the bus of the service that publishes the events.
        queue: a named queue, such as `billing.loans`, keeps events while nobody listens;
            without a name, only events after the subscription are received.
        park: called with the body of an event that cannot be read, and the reason; the event is
            settled when it returns. Without it EventUnreadable is raised, and the event stays
            in the queue.
        on_unexpected_sequence: called, before its handler, with an event whose `sequence` does
            not follow the latest one of its source and subject, and with that latest one. If the
            event's is not greater, the event comes again or late; if it is, the events between
            were missed, or have no handler here. The latest 10,000 subjects are remembered.
    """

    def __init__(
        self,
        bus: EventBus[Any],
        queue: str | None = None,
        park: Park | None = None,
        on_unexpected_sequence: OnUnexpectedSequence | None = None,
    ) -> None:
        self._bus = bus
        self._queue = queue
        self._park = park
        self._on_unexpected_sequence = on_unexpected_sequence
        self._sequences = Sequences()
        self._contracts: dict[str, type[IntegrationEvent]] = {}
        self._handlers: dict[str, Handler[Any]] = {}
        self._subscription: Subscription[Any] | None = None

    def on(self, event: type[E], handler: Handler[E]) -> None:
        """Register the handler of an event type; before the `with` block.

        Raises:
            ValueError: the subscription exists already, or the type has a handler.
        """
        if self._subscription is not None or event.wire_type in self._handlers:
            raise ValueError(
                f"Register one handler for {event.wire_type}, before the subscription begins."
            )
        self._contracts[event.wire_type] = event
        self._handlers[event.wire_type] = handler

    def __enter__(self) -> Self:
        """Subscribe.

        Raises:
            SubscriptionLost: the bus cannot be reached, or refuses the subscription.
        """
        patterns = sorted({routing_key(wire_type) for wire_type in self._contracts})
        with _subscription_errors():
            subscription = self._bus.subscribe(patterns, self._queue)
            subscription.__enter__()
        self._subscription = subscription
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the subscription; what was not settled goes back to the queue."""
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            subscription.__exit__(kind, error, traceback)

    def run(self, stop: threading.Event) -> None:
        """Handle events until `stop` is set; raises what `handle_next` raises."""
        while not stop.is_set():
            self.handle_next(POLL_SECONDS)

    def handle_next(self, timeout_seconds: float) -> bool:
        """Handle the next event, and return whether one arrived in time.

        Raises:
            EventUnreadable: the event cannot be read, and there is no `park`.
            SubscriptionLost: the bus delivers no more events. An event whose handler has returned
                may come again.
            RuntimeError: outside the `with` block.
        """
        if self._subscription is None:
            raise RuntimeError("Call this inside the `with` block of the listener.")
        with _subscription_errors():
            message = self._subscription.receive(timeout_seconds)
        if message is None:
            return False
        self._handle(message.body)
        with _subscription_errors():
            self._subscription.settle(message)
        return True

    def _handle(self, body: bytes) -> None:
        try:
            envelope, event = _read(body, self._contracts)
        except EventUnreadable as error:
            if self._park is None:
                raise
            self._park(body, str(error))
            return
        with correlation_context(envelope.correlationid, envelope.traceparent):
            self._watch(envelope)
            self._handlers[envelope.type](event, envelope)
        self._sequences.record(envelope)

    def _watch(self, envelope: CloudEvent) -> None:
        latest = self._sequences.latest_if_unexpected(envelope)
        if latest is not None and self._on_unexpected_sequence is not None:
            self._on_unexpected_sequence(envelope, latest)


@contextmanager
def _subscription_errors() -> Iterator[None]:
    """Raise SubscriptionLost for whatever a bus raises."""
    try:
        yield
    except Exception as error:
        raise SubscriptionLost(
            f"There is no subscription any more ({type(error).__name__}); subscribe anew."
        ) from error


def _read(
    body: bytes, contracts: Mapping[str, type[IntegrationEvent]]
) -> tuple[CloudEvent, IntegrationEvent]:
    """Return an envelope and the event in it.

    Raises:
        EventUnreadable: it is not a CloudEvent, its type has no handler, or its data do not fit.
    """
    try:
        envelope = decode(body, CloudEvent)
    except BodyUnreadable as error:
        raise EventUnreadable(f"A message is not a CloudEvent: {error}") from error
    contract = contracts.get(envelope.type)
    if contract is None:
        raise EventUnreadable(
            f"Event {envelope.id} has the type {envelope.type}, which has no handler."
        )
    try:
        return envelope, convert(envelope.data, contract)
    except BodyUnreadable as error:
        raise EventUnreadable(
            f"Event {envelope.id} does not fit {envelope.type}: {error}"
        ) from error
