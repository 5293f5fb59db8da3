"""A connection to the broker by which a function measures queues."""

from typing import Any, Self

from pika.exceptions import ChannelClosedByBroker
from pika.frame import Method
from pika.spec import Queue

from carafe.infrastructure.errors import BusUnavailable

from .broker import NOT_FOUND, Broker


class MeasuringConnection:
    """What a function asks of pika's blocking connection and of its channels.

    Args:
        broker: that it is connected to.

    Raises:
        BusUnavailable: it could not be connected.
    """

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        if broker.network.leave("connect", "measure the queues") == "refused":
            raise BusUnavailable("simulated")

    def channel(self) -> Self:
        """Return itself."""
        return self

    def queue_declare(self, queue: str, *, passive: bool) -> Method[Any]:
        """Return how much waits in a queue, and how many consumers it has."""
        assert passive, "functions declare nothing"  # noqa: S101 - a simulation
        found = self._broker.queues.get(queue)
        if found is None:
            raise ChannelClosedByBroker(NOT_FOUND, "simulated")
        answer = Queue.DeclareOk(queue, len(found.messages), int(found.consume is not None))  # type: ignore[no-untyped-call]
        return Method(1, answer)
