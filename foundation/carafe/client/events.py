"""Events of a service, as typed messages from a bus that is handed in.

The protocols say what is needed of a bus. The service's own buses fit them as they are, and
so does any other of that form.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from carafe.contracts.correlation import following
from carafe.contracts.envelope import CloudEvent
from carafe.contracts.integration_events import IntegrationEvent, routing_key

from .errors import EventUnreadable
from .reading import Unreadable, convert, decode

E = TypeVar("E", bound=IntegrationEvent)

Handler = Callable[[E, CloudEvent], None]
Park = Callable[[bytes, str], None]

POLL_SECONDS = 1.0


class Delivery(Protocol):
    """One message as a subscriber gets it."""

    @property
    def body(self) -> bytes:
        """The CloudEvents envelope as JSON."""


D = TypeVar("D", bound=Delivery)


class Subscription(Protocol[D]):
    """Messages that wait for one subscriber; closes with its `with` block."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
        /,
    ) -> bool | None: ...

    def receive(self, timeout_seconds: float, /) -> D | None:
        """Return the next message, or None when none came in time."""

    def settle(self, received: D, /) -> None:
        """Say that a message is dealt with; until then it would come again."""


class EventBus(Protocol[D]):
    """Hands the events of one service to subscribers, by routing key."""

    def subscribe(self, patterns: Sequence[str], queue: str | None = None) -> Subscription[D]:
        """Receive events from now on.

        Args:
            patterns: of routing keys.
            queue: a name keeps the queue, and what comes meanwhile, between subscriptions.
        """


class EventListener:
    """Hands events to handlers, one after the other; `with` subscribes.

    A message is settled when its handler has returned. What a handler raises goes on to the
    caller, and the message comes again, so handlers recognise a repeat by the envelope's `id`.

    Args:
        bus: of the service whose events these are.
        queue: its name keeps what comes while nobody listens, such as `billing.loans`;
            without one, events are received from the subscription on.
        park: told the body of an event that cannot be read, and why; the event is settled when
            it returns. Without it EventUnreadable is raised, and the event stays in the queue.
    """

    def __init__(
        self, bus: EventBus[Any], queue: str | None = None, park: Park | None = None
    ) -> None:
        self._bus = bus
        self._queue = queue
        self._park = park
        self._contracts: dict[str, type[IntegrationEvent]] = {}
        self._handlers: dict[str, Handler[Any]] = {}
        self._subscription: Subscription[Any] | None = None

    def on(self, event: type[E], handler: Handler[E]) -> None:
        """Let a handler have every event of a type; before the subscription.

        Raises:
            ValueError: it is too late, or another handler has the type.
        """
        if self._subscription is not None or event.wire_type in self._handlers:
            raise ValueError(f"{event.wire_type} has a handler, or the subscription is made.")
        self._contracts[event.wire_type] = event
        self._handlers[event.wire_type] = handler

    def __enter__(self) -> Self:
        patterns = sorted({routing_key(wire_type) for wire_type in self._contracts})
        self._subscription = self._bus.subscribe(patterns, self._queue)
        self._subscription.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the subscription; what was not settled goes back to the queue."""
        if self._subscription is not None:
            self._subscription.__exit__(kind, error, traceback)
            self._subscription = None

    def run(self, stop: threading.Event) -> None:
        """Handle events until told to stop; errors as `handle_next`."""
        while not stop.is_set():
            self.handle_next(POLL_SECONDS)

    def handle_next(self, timeout_seconds: float) -> bool:
        """Handle the next event, and tell whether one came in time.

        Raises:
            EventUnreadable: and there is no `park`.
            RuntimeError: outside the `with` block.
        """
        if self._subscription is None:
            raise RuntimeError("Listen inside the `with` block of the listener.")
        received = self._subscription.receive(timeout_seconds)
        if received is None:
            return False
        self._handle(received.body)
        self._subscription.settle(received)
        return True

    def _handle(self, body: bytes) -> None:
        try:
            envelope, event = _read(body, self._contracts)
        except EventUnreadable as error:
            if self._park is None:
                raise
            self._park(body, str(error))
            return
        with following(envelope.correlationid, envelope.traceparent):
            self._handlers[envelope.type](event, envelope)


def _read(
    body: bytes, contracts: Mapping[str, type[IntegrationEvent]]
) -> tuple[CloudEvent, IntegrationEvent]:
    """Return an envelope and the event in it.

    Raises:
        EventUnreadable: the envelope is none, of an unknown type, or its data do not fit.
    """
    try:
        envelope = decode(body, CloudEvent)
    except Unreadable as error:
        raise EventUnreadable(f"A message is no CloudEvent: {error}") from error
    contract = contracts.get(envelope.type)
    if contract is None:
        raise EventUnreadable(
            f"Event {envelope.id} is of the type {envelope.type}; none expects it."
        )
    try:
        return envelope, convert(envelope.data, contract)
    except Unreadable as error:
        raise EventUnreadable(
            f"Event {envelope.id} does not fit {envelope.type}: {error}"
        ) from error
