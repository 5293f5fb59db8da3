"""The bus called base: in memory, within one process, for tests and first steps."""

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from carafe.contracts.integration_events import IntegrationEvent

from .patterns import matches
from .port import Message, Outcome, Received

# Unrouted messages kept for inspection; the oldest give way.
MOST_UNROUTED = 10_000


class MemoryBus:
    """Fills the port `EventBus`; every message is confirmed, as there is nothing to fail."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._queues: list[MemorySubscription] = []
        self._named: dict[str, MemorySubscription] = {}
        self.unrouted: deque[Message] = deque(maxlen=MOST_UNROUTED)

    def publish(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Publish messages, as `EventBus.publish`."""
        del deadline  # nothing here takes time
        with self._change:
            for message in messages:
                wanting = [queue for queue in self._queues if queue.wants(message.routing_key)]
                for queue in wanting:
                    queue.put(message)
                if not wanting:
                    self.unrouted.append(message)
            self._change.notify_all()
        return {message.id: Outcome.CONFIRMED for message in messages}

    def send(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Put messages into named queues, as `EventBus.send`, made here where they are missing."""
        del deadline  # nothing here takes time
        for message in messages:
            queue = self.subscribe([], message.routing_key)
            with self._change:
                queue.put(message)
                self._change.notify_all()
        return {message.id: Outcome.CONFIRMED for message in messages}

    def subscribe(self, patterns: Sequence[str], queue: str | None = None) -> "MemorySubscription":
        """Receive events from now on, as `EventBus.subscribe`."""
        with self._change:
            if queue is not None and queue in self._named:
                return self._named[queue]
            made = MemorySubscription(self, patterns, kept=queue is not None)
            self._queues.append(made)
            if queue is not None:
                self._named[queue] = made
            return made

    def declare(self, subscribed: Sequence[type[IntegrationEvent]]) -> None:
        """Nothing to make."""
        del subscribed

    def close(self) -> None:
        """Nothing to let go of."""

    def drop(self, subscription: "MemorySubscription") -> None:
        """Forget a subscription without a name."""
        with self._change:
            self._queues.remove(subscription)

    def wait_for(self, subscription: "MemorySubscription", timeout_seconds: float) -> bool:
        """Wait until a subscription has a message; tell whether it has."""
        with self._change:
            return self._change.wait_for(subscription.has_messages, timeout_seconds)


class MemorySubscription:
    """Messages that wait for one subscriber; fills the port `Subscription`."""

    def __init__(self, bus: MemoryBus, patterns: Sequence[str], *, kept: bool) -> None:
        self._bus = bus
        self._kept = kept
        self._patterns = patterns
        self._waiting: deque[Received] = deque()
        self._unsettled: dict[int, Received] = {}
        self._deliveries = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Put back what was not settled, or forget everything if the queue has no name."""
        self._waiting.extendleft(reversed(self._unsettled.values()))
        self._unsettled.clear()
        if not self._kept:
            self._bus.drop(self)

    def receive(self, timeout_seconds: float) -> Received | None:
        """Return the next message, as `Subscription.receive`."""
        deadline = time.monotonic() + timeout_seconds
        while self._bus.wait_for(self, deadline - time.monotonic()):
            try:
                received = self._waiting.popleft()
            except IndexError:
                continue  # another thread took it
            self._unsettled[received.tag] = received
            return received
        return None

    def settle(self, received: Received) -> None:
        """Say that a message is dealt with, as `Subscription.settle`."""
        del self._unsettled[received.tag]

    def wants(self, routing_key: str) -> bool:
        """Tell whether a message of this key belongs here."""
        return any(matches(pattern, routing_key) for pattern in self._patterns)

    def put(self, message: Message) -> None:
        """Add a message."""
        self._deliveries += 1
        self._waiting.append(
            Received(message.id, message.routing_key, message.body, self._deliveries)
        )

    def has_messages(self) -> bool:
        """Tell whether a message waits."""
        return bool(self._waiting)
