"""The port that every event bus implements."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any, Protocol

from msgspec import Struct, field

from carafe.contracts.integration_events import IntegrationEvent

CLOUD_EVENT = "application/cloudevents+json"
"""The content type of an event in CloudEvents' JSON format."""


class Message(Struct, frozen=True):
    """One event or command on its way to the bus.

    Attributes:
        id: its id; unique within one call of the bus.
        type: its wire type.
        routing_key: matched against the patterns of queues; for `send`, the queue's name.
        body: the CloudEvents envelope as JSON.
        headers: AMQP headers, with values as in JSON.
        content_type: of the body.
    """

    id: str
    type: str
    routing_key: str
    body: bytes
    headers: Mapping[str, Any] = field(default_factory=dict)
    content_type: str = CLOUD_EVENT


_DELIVERY_HISTORY = (
    "x-death",
    "x-first-death",
    "x-last-death",
    "x-delivery-count",
    "x-acquired-count",
)


def without_delivery_history(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return the headers without those about earlier deliveries.

    The broker would take a message that still has them for one in a cycle, and drop it.
    """
    return {
        name: value for name, value in headers.items() if not name.startswith(_DELIVERY_HISTORY)
    }


class Outcome(Enum):
    """The outcome of publishing a message.

    Only CONFIRMED means that the bus has stored it: in every queue that accepts it or, if there
    is none, in the queue of unrouted messages.
    """

    CONFIRMED = "confirmed"
    NACKED = "nacked"
    RETURNED = "returned"
    UNKNOWN = "unknown"


class ReceivedMessage(Struct, frozen=True):
    """One message as a subscriber receives it.

    Attributes:
        id: the event's id.
        routing_key: with which it was published.
        body: the CloudEvents envelope as JSON.
        tag: identifies this delivery for `settle`.
    """

    id: str
    routing_key: str
    body: bytes
    tag: int


class QueueDepth(Struct, frozen=True):
    """How much waits in a queue.

    Attributes:
        messages: that are ready, without those that a consumer has at this moment.
        consumers: that take from it.
    """

    messages: int
    consumers: int


class Subscription(AbstractContextManager["Subscription"], Protocol):
    """Messages for one subscriber; use it in a `with` block, which closes it."""

    def receive(self, timeout_seconds: float) -> ReceivedMessage | None:
        """Return the next message, or None if none arrives in time.

        Raises:
            BusUnavailable: the queue was deleted, or the connection is lost. Subscribe anew.
        """

    def settle(self, message: ReceivedMessage) -> None:
        """Acknowledge a message; unless acknowledged, it is delivered again.

        Raises:
            BusUnavailable: as for `receive`; the message is delivered again.
        """


class MessagePublisher(Protocol):
    """Publishes what leaves the service: all that the relay needs of a bus."""

    def publish(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Publish events, all in flight at once.

        Args:
            messages: in any order; if order matters, publish them one after the other.
            deadline: on the clock of `time.monotonic`; messages not answered by then are UNKNOWN.

        Returns:
            The outcome of every message, by its id.

        Raises:
            BusUnavailable: no connection could be made by the deadline.
        """

    def publish_commands(
        self, messages: Sequence[Message], deadline: float
    ) -> Mapping[str, Outcome]:
        """Publish commands to other services, otherwise as `publish`."""


class EventBus(MessagePublisher, Protocol):
    """Delivers events to subscribers by routing key."""

    def send(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Put messages into the service's inbox, retry or parking queues; otherwise as `publish`.

        Their routing keys are the queues' names. A queue that does not exist makes the outcome
        RETURNED.
        """

    def subscribe(self, patterns: Sequence[str], queue: str | None = None) -> Subscription:
        """Subscribe to future events.

        Args:
            patterns: of routing keys; `*` stands for one word, `#` for any number.
            queue: a named queue keeps its messages between subscriptions; without a name the
                queue is deleted with the subscription.

        Raises:
            BusUnavailable: the bus cannot be reached, or refuses the subscription.
        """

    def depths(self, deadline: float) -> Mapping[str, QueueDepth]:
        """Return how much waits in inbox, parking queue and queue of unrouted messages, by name.

        Args:
            deadline: on the clock of `time.monotonic`, for connecting.

        Raises:
            BusUnavailable: the bus cannot be reached.
        """

    def declare(
        self,
        subscribed_events: Sequence[type[IntegrationEvent]],
        *,
        own_events: Sequence[type[IntegrationEvent]] = (),
        sends_commands: bool = False,
    ) -> None:
        """Create the exchanges and queues that are missing.

        Args:
            subscribed_events: the events and commands that the service handles.
            own_events: those among them that it publishes itself.
            sends_commands: whether it sends commands to other services.

        Raises:
            BusUnavailable: the bus cannot be reached.
        """

    def close(self) -> None:
        """Close the connections."""
