"""The simulation's servers, for suites that the real ones pass as well: nothing goes wrong here."""

import threading
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from pika import BasicProperties

from carafe.infrastructure.event_bus.names import events_exchange
from carafe.infrastructure.event_bus.port import ReceivedMessage
from carafe.infrastructure.event_bus.publisher import Publisher
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.infrastructure.event_bus.topology import Binding, Queue, Topology, topology_of
from carafe.infrastructure.identifiers import new_id
from simulation.broker import Broker, BusMessage, SimulatedPublisher
from simulation.chance import Chance
from simulation.collection import Collection, Database
from simulation.loop import Loop
from simulation.matching import Document
from simulation.network import Network
from simulation.store import ReplicaSet, Write

MAJORITY = {"w": "majority", "readConcernLevel": "majority"}
"""The options of a connection that a service makes."""


class PassingTime(Loop):
    """Time that passes when somebody waits, though no task runs."""

    def pause(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def a_network() -> Network:
    """Return a network without faults."""
    return Network(PassingTime(), Chance(0, {}), None)


def a_database() -> Database:
    """Return an empty database."""
    return DatabaseForThreads("simulated", ReplicaSet(a_network()), MAJORITY)


class CollectionForThreads(Collection):
    """A collection that serves one call after the other: a simulation has no threads."""

    turn = threading.Lock()

    def _read(self, query: Mapping[str, Any]) -> list[Document]:
        with self.turn:
            return super()._read(query)

    def _write(self, doing: str, work: Callable[[float], list[Write]]) -> list[Write]:
        with self.turn:
            return super()._write(doing, work)


class DatabaseForThreads(Database):
    """A database of such collections."""

    def __getitem__(self, name: str) -> Collection:
        return CollectionForThreads(name, self._replicas, self._options)


class SimulatedBus(RabbitMQBus):
    """The bus on a simulated broker, with the exchanges and queues of a service.

    Args:
        service: its name.
    """

    def __init__(self, service: str) -> None:
        super().__init__("amqp://simulated", service)
        self.broker = Broker(a_network())
        self.broker.declare(topology_of(service, []))

    def subscribe(  # type: ignore[override]
        self, patterns: Sequence[str], queue: str | None = None
    ) -> "SimulatedSubscription":
        """Take what the broker has, as `EventBus.subscribe`."""
        exchange, name = events_exchange(self.service), queue or f"unnamed-{new_id()}"
        bindings = tuple(Binding(exchange, name, each) for each in patterns)
        self.broker.declare(Topology((), (Queue(name, {}),), bindings))
        return SimulatedSubscription(self.broker.queues[name].messages)

    def _connect(self, deadline: float) -> Publisher:
        kind = type("Connected", (SimulatedPublisher,), {"broker": self.broker})
        publisher: Publisher = kind(None, deadline)
        return publisher


class SimulatedSubscription:
    """Takes messages out of a queue; what is not settled is put back.

    Args:
        queue: the messages in it.
    """

    def __init__(self, queue: list[BusMessage]) -> None:
        self._queue = queue
        self._taken: dict[int, BusMessage] = {}
        self._tag = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Put back what is not settled."""
        self._queue[:0] = self._taken.values()

    def receive(self, _timeout_seconds: float) -> ReceivedMessage | None:
        """Return the next message, as `Subscription.receive`; nothing comes later."""
        if not self._queue:
            return None
        message = self._queue.pop(0)
        self._tag += 1
        self._taken[self._tag] = message
        properties: BasicProperties = message.properties
        identifier = str(properties.message_id)
        return ReceivedMessage(identifier, message.routing_key, message.body, self._tag)

    def settle(self, message: ReceivedMessage) -> None:
        """Acknowledge a message, as `Subscription.settle`."""
        del self._taken[message.tag]
