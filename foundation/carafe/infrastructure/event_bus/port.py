"""The port of every event bus."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any, Protocol

from msgspec import Struct, field

from carafe.contracts.integration_events import IntegrationEvent

CLOUD_EVENT = "application/cloudevents+json"
"""The content type of an event in CloudEvents' JSON format."""


class Message(Struct, frozen=True):
    """One event on its way to the bus.

    Attributes:
        id: the event's id; unique within one call of `publish` or `send`.
        type: the event's wire type.
        routing_key: by which queues choose it; for `send` the queue's name.
        body: the CloudEvents envelope as JSON.
        headers: AMQP headers, values as JSON has them.
        content_type: of the body.
    """

    id: str
    type: str
    routing_key: str
    body: bytes
    headers: Mapping[str, Any] = field(default_factory=dict)
    content_type: str = CLOUD_EVENT


_BROKER_NOTES = ("x-death", "x-first-death", "x-last-death", "x-delivery-count", "x-acquired-count")


def without_broker_notes(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return headers less the broker's notes about earlier dead-lettering.

    It takes a message that brings them back for one that runs in circles, and drops it.
    """
    return {name: value for name, value in headers.items() if not name.startswith(_BROKER_NOTES)}


class Outcome(Enum):
    """What became of a published message.

    Only CONFIRMED says that the bus keeps it: in the queues that want it or, where none
    does, in the queue of the unrouted.
    """

    CONFIRMED = "confirmed"
    NACKED = "nacked"
    RETURNED = "returned"
    UNKNOWN = "unknown"


class Received(Struct, frozen=True):
    """One message as a subscriber gets it.

    Attributes:
        id: the event's id.
        routing_key: by which it was chosen.
        body: the CloudEvents envelope as JSON.
        tag: the bus's name for this delivery, for `settle`.
    """

    id: str
    routing_key: str
    body: bytes
    tag: int


class Subscription(AbstractContextManager["Subscription"], Protocol):
    """Messages that wait for one subscriber; closes with its `with` block."""

    def receive(self, timeout_seconds: float) -> Received | None:
        """Return the next message, or None when none came in time."""

    def settle(self, received: Received) -> None:
        """Say that a message is dealt with; until then it would come again."""


class EventBus(Protocol):
    """Takes events, and hands them to subscribers by routing key."""

    def publish(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Publish messages, all in flight at once.

        Args:
            messages: in any order; for an order among them, publish one after the other.
            deadline: on the clock of `time.monotonic`; what is not answered by then is UNKNOWN.

        Returns:
            The outcome of every message, by its id.

        Raises:
            BusUnavailable: no connection could be made by the deadline.
        """

    def send(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Put messages into the queues that their routing keys name, otherwise as `publish`.

        A queue that does not exist makes the outcome RETURNED.
        """

    def subscribe(self, patterns: Sequence[str], queue: str | None = None) -> Subscription:
        """Receive events from now on.

        Args:
            patterns: of routing keys; `*` stands for one word, `#` for any number.
            queue: a name keeps the queue, and what comes meanwhile, between subscriptions;
                without one it is gone with the subscription.
        """

    def declare(self, subscribed: Sequence[type[IntegrationEvent]]) -> None:
        """Make what the bus needs and lacks: exchanges, queues.

        Args:
            subscribed: the events of other services that the service wants.

        Raises:
            BusUnavailable: the bus cannot be reached.
        """

    def close(self) -> None:
        """Let go of connections."""
