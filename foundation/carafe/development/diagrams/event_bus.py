"""The event bus on RabbitMQ, as its topology declares it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.development.project import project
from carafe.infrastructure.event_bus.names import events_exchange, inbox
from carafe.infrastructure.event_bus.topology import Exchange, Queue, Topology, topology_of

from .documents import Section
from .mermaid import Flowchart, Node

RELAY = Node("relay\n(bridge, sweep)", "function", "round")

ALTERNATE = "alternate-exchange"
DEAD_LETTER_KEY = "x-dead-letter-routing-key"
WAITING_MILLISECONDS = "x-message-ttl"


def event_bus(service: str, consumers: Sequence[str]) -> list[Section]:
    """Return the sections about the service's exchanges, queues and bindings.

    Args:
        service: its name.
        consumers: the functions that get the messages of the inbox.
    """
    return sections(topology_of(service, project().service.subscribed), service, consumers)


def sections(topology: Topology, service: str, consumers: Sequence[str]) -> list[Section]:
    """Return the sections about a topology, as `event_bus` does about the service's own."""
    way_out = Section(
        "Event bus: the way out",
        "Dashed: where the broker takes what is left over.",
        _WayOut(topology).drawn(service),
    )
    way_in = Section(
        "Event bus: the way in",
        "A message is handled, held back for another attempt, or parked for a person to look at.",
        _WayIn(topology).drawn(inbox(service), consumers),
        (
            ("queue", "arguments"),
            *((f"`{each.name}`", _arguments(each)) for each in topology.queues),
        ),
    )
    return [way_out, way_in]


@dataclass
class _Drawing:
    """Draws a topology, or a part of it."""

    topology: Topology

    def __post_init__(self) -> None:
        self.chart = Flowchart()
        self.exchanges = {each.name: each for each in self.topology.exchanges}
        self.queues = {each.name: each for each in self.topology.queues}

    def exchange(self, name: str) -> Node:
        found: Exchange | None = self.exchanges.get(name)
        if found is None or not found.ours:
            return Node(f"another's exchange\n{name}", "external")
        return Node(f"{found.kind} exchange\n{name}", "message")

    def queue(self, name: str) -> Node:
        found: Queue | None = self.queues.get(name)
        arguments = found.arguments if found else {}
        lines = [f"{arguments.get('x-queue-type', 'classic')} queue", name]
        if WAITING_MILLISECONDS in arguments:
            seconds = arguments[WAITING_MILLISECONDS] / 1000
            lines.append(f"back after {seconds:,.0f} s")
        return Node("\n".join(lines), "store", "queue")

    def bindings(self, exchange: str) -> None:
        for each in self.topology.bindings:
            if each.exchange == exchange:
                self.chart.arrow(self.exchange(exchange), self.queue(each.queue), each.routing_key)


class _WayOut(_Drawing):
    """From the relay to the exchanges that the service owns, and what is bound to them."""

    def drawn(self, service: str) -> str:
        announced = dict.fromkeys(map(_of_one_aggregate, project().service.published.values()))
        own = self.exchange(events_exchange(service))
        self.chart.arrow(RELAY, own, "\n".join(announced))
        for exchange in self.exchanges.values():
            if exchange.ours:
                self._left_over(exchange)
                self.bindings(exchange.name)
        return self.chart.text

    def _left_over(self, exchange: Exchange) -> None:
        other = exchange.arguments.get(ALTERNATE)
        if other is not None:
            end = self.exchange(other)
            self.chart.arrow(self.exchange(exchange.name), end, "wanted by no queue", dashed=True)


class _WayIn(_Drawing):
    """From other services' exchanges to the inbox, and to where its messages wait."""

    def drawn(self, inbox_name: str, consumers: Iterable[str]) -> str:
        self._wanted(inbox_name)
        for name in consumers:
            function = Node(name, "function", "round")
            self.chart.arrow(self.queue(inbox_name), function)
            self._set_aside(inbox_name, function)
        return self.chart.text

    def _wanted(self, inbox_name: str) -> None:
        """Draw one arrow from each exchange, with all the routing keys."""
        keys: dict[str, list[str]] = {}
        for each in self.topology.bindings:
            if each.queue == inbox_name:
                keys.setdefault(each.exchange, []).append(each.routing_key)
        for exchange, wanted in keys.items():
            end = self.queue(inbox_name)
            self.chart.arrow(self.exchange(exchange), end, "\n".join(wanted))

    def _set_aside(self, inbox_name: str, function: Node) -> None:
        """Draw the queues that messages come back from, and the one they are parked in."""
        for queue in self.queues.values():
            if queue.arguments.get(DEAD_LETTER_KEY) == inbox_name:
                self.chart.arrow(function, self.queue(queue.name), "held back")
        parking = self.queues[inbox_name].arguments.get(DEAD_LETTER_KEY)
        if parking is not None:
            self.chart.arrow(function, self.queue(parking), "parked")


def _of_one_aggregate(contract: type[IntegrationEvent]) -> str:
    """Return the pattern of all routing keys of one aggregate: `lending.loan.*`."""
    return f"{routing_key(contract.wire_type).rpartition('.')[0]}.*"


def _arguments(queue: Queue) -> str:
    return ", ".join(f"`{name}={value}`" for name, value in sorted(queue.arguments.items()))
