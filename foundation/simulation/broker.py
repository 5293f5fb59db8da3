"""A broker: exchanges and queues of the real topology, and a connection to it for the publisher."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from pika import BasicProperties
from pika.exceptions import ChannelClosedByBroker, ConnectionClosedByBroker
from pika.frame import Method
from pika.spec import Basic

from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.confirms import Confirms
from carafe.infrastructure.event_bus.patterns import matches
from carafe.infrastructure.event_bus.publisher import Publisher
from carafe.infrastructure.event_bus.topology import Topology

from .network import LATENCY, Network

LARGEST_BATCH = 4
NOT_FOUND = 404

# pika has no types for these.
_ack: Callable[[int], Basic.Ack] = Basic.Ack
_nack: Callable[[int], Basic.Nack] = Basic.Nack
_return: Callable[[], Basic.Return] = Basic.Return


@dataclass(slots=True)
class BusMessage:
    """A message as a queue has it."""

    exchange: str
    routing_key: str
    body: bytes
    properties: BasicProperties
    is_redelivered: bool = False


Consume = Callable[[str, Sequence[BusMessage], Callable[[bool], None]], None]
"""Invokes a function with a batch; what it is given is called with whether the batch is settled."""


@dataclass(eq=False)
class BusQueue:
    """A queue: who consumes it, or after what time its messages go elsewhere."""

    name: str
    arguments: Mapping[str, Any]
    messages: list[BusMessage] = field(default_factory=list)
    consume: Consume | None = None


class Broker:
    """The broker of all services.

    Args:
        network: on which deliveries are late.

    Attributes:
        stored: every message that was stored, in order.
        queues: by name.
    """

    def __init__(self, network: Network) -> None:
        self.network = network
        self.stored: list[BusMessage] = []
        self.queues: dict[str, BusQueue] = {}
        self._bindings: dict[str, list[tuple[str, str, bool]]] = {}
        self._alternates: dict[str, str] = {}

    def declare(self, topology: Topology) -> None:
        """Create what is missing."""
        for each in topology.exchanges:
            self._bindings.setdefault(each.name, [])
            if "alternate-exchange" in each.arguments:
                self._alternates[each.name] = each.arguments["alternate-exchange"]
        kinds = {each.name: each.kind for each in topology.exchanges}
        for queue in topology.queues:
            self.queues.setdefault(queue.name, BusQueue(queue.name, queue.arguments))
        for binding in topology.bindings:
            is_fanout = kinds.get(binding.exchange) == "fanout"
            entry = (binding.routing_key, binding.queue, is_fanout)
            if entry not in self._bindings[binding.exchange]:
                self._bindings[binding.exchange].append(entry)

    def has_exchange(self, name: str) -> bool:
        """Return whether there is such an exchange."""
        return name in self._bindings

    def store(self, message: BusMessage) -> bool:
        """Put a message into the queues that want it; return whether there is one."""
        names = self._targets(message.exchange, message.routing_key)
        if not names and message.exchange in self._alternates:
            names = self._targets(self._alternates[message.exchange], message.routing_key)
        if names:
            self.stored.append(message)
        for each in names:
            self.put(each, message)
        return bool(names)

    def put(self, name: str, message: BusMessage) -> None:
        """Put a message into a queue."""
        queue = self.queues[name]
        if "x-message-ttl" in queue.arguments:
            target = queue.arguments["x-dead-letter-routing-key"]
            delay = queue.arguments["x-message-ttl"] / 1000
            self.network.loop.call_later(delay, lambda: self.put(target, message))
            return
        queue.messages.append(message)
        if queue.consume is not None:
            self._deliver_soon(queue)

    def _targets(self, exchange: str, routing_key: str) -> list[str]:
        found = [
            queue
            for pattern, queue, is_fanout in self._bindings[exchange]
            if is_fanout or matches(pattern, routing_key)
        ]
        return list(dict.fromkeys(found))

    def _deliver_soon(self, queue: BusQueue) -> None:
        fault = self.network.fault("deliver")
        delay = LATENCY + (20 * fault.size**3 if fault and fault.kind == "late" else 0)
        is_doubled = fault is not None and fault.kind == "acknowledgement lost"
        self.network.loop.call_later(delay, lambda: self._deliver(queue, is_doubled=is_doubled))

    def _deliver(self, queue: BusQueue, *, is_doubled: bool) -> None:
        batch, queue.messages = queue.messages[:LARGEST_BATCH], queue.messages[LARGEST_BATCH:]
        if not batch or queue.consume is None:
            return

        def settle(is_settled: bool) -> None:  # noqa: FBT001 - the answer
            if is_settled and not is_doubled:
                return
            if is_settled:
                self.network.tell("delivers a batch again, the acknowledgement was lost", "broker")
            for each in batch:
                each.is_redelivered = True
            queue.messages[:0] = batch
            self.network.loop.call_later(1.0, lambda: self._deliver_soon(queue))

        queue.consume(queue.name, batch, settle)


class _Connection:
    """What the publisher asks of pika's connection."""

    is_closing = False

    def __init__(self) -> None:
        self.is_closed = False
        self.ioloop = self

    def buffered_writes(self) -> nullcontext[None]:
        return nullcontext()

    def close(self) -> None:
        self.is_closed = True

    def stop(self) -> None:
        """The simulated loop runs until it has nothing to answer."""


class _Channel:
    """What the publisher asks of pika's channel: messages wait for the loop to run."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, BusMessage, bool]] = []
        self._tag = 0

    def basic_publish(
        self,
        exchange: str,
        routing_key: str,
        body: bytes,
        properties: BasicProperties,
        *,
        mandatory: bool,
    ) -> None:
        self._tag += 1
        message = BusMessage(exchange, routing_key, body, properties)
        self.sent.append((self._tag, message, mandatory))


class SimulatedPublisher(Publisher):
    """The publisher, on a connection to the simulated broker."""

    broker: Broker

    def __init__(self, _parameters: object, _deadline: float) -> None:
        network = self.broker.network
        if network.leave("connect", "connect to the broker") == "refused":
            raise BusUnavailable("simulated")
        self._ready, self._failure, self.exchange_missing = True, "", False
        self._confirms = Confirms()
        self._stop_condition: Callable[[], bool] = lambda: True
        self._connection: Any = _Connection()
        self._channel: Any = _Channel()

    def _run_until(self, condition: Callable[[], bool], deadline: float) -> None:
        """Let the broker answer what was sent."""
        del condition, deadline
        sent, self._channel.sent = self._channel.sent, []
        if sent:
            self._answer(sent)

    def _answer(self, sent: Sequence[tuple[int, BusMessage, bool]]) -> None:
        network = self.broker.network
        fault = network.leave("wave", f"publish {len(sent)} messages")
        if not self.broker.has_exchange(sent[0][1].exchange):
            self._on_failure(None, ChannelClosedByBroker(NOT_FOUND, "simulated"))
            return
        answers = [self._fate(tag, message, mandatory=must) for tag, message, must in sent]
        if fault == "killed after":
            network.kill("before the confirms")
        # Confirms come out of order.
        for answer in reversed(answers):
            if answer is None:
                self._on_failure(None, ConnectionClosedByBroker(320, "simulated"))
            else:
                self._on_answer(Method(1, answer))

    def _fate(
        self, tag: int, message: BusMessage, *, mandatory: bool
    ) -> Basic.Ack | Basic.Nack | None:
        """Return the broker's answer to one message; None if there is none."""
        network = self.broker.network
        fault = network.fault("publish")
        kind = fault.kind if fault else ""
        if kind in {"nacked", "lost"}:
            network.tell(f"publishes {_name(message)}, which is {kind}")
            return _nack(tag) if kind == "nacked" else None
        # As when an alternate exchange is missing for a while.
        is_routed = kind != "returned" and self.broker.store(message)
        if not is_routed and mandatory:
            self._on_return(self._channel, _return(), message.properties, message.body)
        if network.is_told:
            network.tell(f"publishes {_name(message)}{f', {kind}' if kind else ''}")
        return None if kind == "confirm lost" else _ack(tag)


def _name(message: BusMessage) -> str:
    return f"{message.routing_key} ({str(message.properties.message_id)[-6:]})"
