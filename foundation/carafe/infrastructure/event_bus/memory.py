"""The bus called base: in the memory of one process, for tests and first steps."""

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from carafe.contracts.integration_events import IntegrationEvent

from .patterns import matches
from .port import Message, Outcome, QueueDepth, ReceivedMessage

# Unrouted messages kept for inspection; the oldest are dropped.
MOST_UNROUTED = 10_000


class MemoryBus:
    """Implements the port `EventBus`; every message is confirmed, since nothing can fail."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._queues: list[MemorySubscription] = []
        self._queues_by_name: dict[str, MemorySubscription] = {}
        self.unrouted: deque[Message] = deque(maxlen=MOST_UNROUTED)

    def publish(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Publish messages, as `EventBus.publish`."""
        del deadline  # nothing here takes time
        with self._change:
            for message in messages:
                accepting = [each for each in self._queues if each.accepts(message.routing_key)]
                for queue in accepting:
                    queue.put(message)
                if not accepting:
                    self.unrouted.append(message)
            self._change.notify_all()
        return {message.id: Outcome.CONFIRMED for message in messages}

    def publish_commands(
        self, messages: Sequence[Message], deadline: float
    ) -> Mapping[str, Outcome]:
        """Publish commands; no other service is here to take them, so they are unrouted."""
        del deadline  # nothing here takes time
        with self._change:
            self.unrouted.extend(messages)
        return {message.id: Outcome.CONFIRMED for message in messages}

    def send(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Put messages into named queues, as `EventBus.send`; create those that are missing."""
        del deadline  # nothing here takes time
        for message in messages:
            queue = self.subscribe([], message.routing_key)
            with self._change:
                queue.put(message)
                self._change.notify_all()
        return {message.id: Outcome.CONFIRMED for message in messages}

    def subscribe(self, patterns: Sequence[str], queue: str | None = None) -> "MemorySubscription":
        """Subscribe to future events, as `EventBus.subscribe`."""
        with self._change:
            if queue is not None and queue in self._queues_by_name:
                return self._queues_by_name[queue]
            subscription = MemorySubscription(self, patterns, durable=queue is not None)
            self._queues.append(subscription)
            if queue is not None:
                self._queues_by_name[queue] = subscription
            return subscription

    def depths(self, deadline: float) -> Mapping[str, QueueDepth]:
        """Return nothing: what waits here ends with the process."""
        del deadline  # nothing here takes time
        return {}

    def declare(
        self,
        subscribed_events: Sequence[type[IntegrationEvent]],
        *,
        own_events: Sequence[type[IntegrationEvent]] = (),
        sends_commands: bool = False,
    ) -> None:
        """Do nothing: queues are created on subscription."""
        del subscribed_events, own_events, sends_commands

    def close(self) -> None:
        """Do nothing: there are no connections."""

    def drop(self, subscription: "MemorySubscription") -> None:
        """Delete a subscription without a name."""
        with self._change:
            self._queues.remove(subscription)

    def wait_for(self, subscription: "MemorySubscription", timeout_seconds: float) -> bool:
        """Wait until a subscription has a message; return whether it has one."""
        with self._change:
            return self._change.wait_for(subscription.has_messages, timeout_seconds)


class MemorySubscription:
    """Messages for one subscriber; implements the port `Subscription`."""

    def __init__(self, bus: MemoryBus, patterns: Sequence[str], *, durable: bool) -> None:
        self._bus = bus
        self._durable = durable
        self._patterns = patterns
        self._messages: deque[ReceivedMessage] = deque()
        self._unsettled_messages: dict[int, ReceivedMessage] = {}
        self._deliveries = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Put unsettled messages back; delete the queue if it has no name."""
        self._messages.extendleft(reversed(self._unsettled_messages.values()))
        self._unsettled_messages.clear()
        if not self._durable:
            self._bus.drop(self)

    def receive(self, timeout_seconds: float) -> ReceivedMessage | None:
        """Return the next message, as `Subscription.receive`."""
        deadline = time.monotonic() + timeout_seconds
        while self._bus.wait_for(self, deadline - time.monotonic()):
            try:
                message = self._messages.popleft()
            except IndexError:
                continue  # another thread took it
            self._unsettled_messages[message.tag] = message
            return message
        return None

    def settle(self, message: ReceivedMessage) -> None:
        """Acknowledge a message, as `Subscription.settle`."""
        del self._unsettled_messages[message.tag]

    def accepts(self, routing_key: str) -> bool:
        """Return whether a message with this key belongs here."""
        return any(matches(pattern, routing_key) for pattern in self._patterns)

    def put(self, message: Message) -> None:
        """Add a message."""
        self._deliveries += 1
        self._messages.append(
            ReceivedMessage(message.id, message.routing_key, message.body, self._deliveries)
        )

    def has_messages(self) -> bool:
        """Return whether there is a message to receive."""
        return bool(self._messages)
