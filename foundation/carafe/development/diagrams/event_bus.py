"""Diagrams of the event bus, drawn from its topology on RabbitMQ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.development.project import project
from carafe.infrastructure.event_bus.names import (
    aside_exchange,
    commands_exchange,
    events_exchange,
    inbox_queue,
)
from carafe.infrastructure.event_bus.topology import Exchange, Queue, Topology, topology_of

from .documents import Section
from .mermaid import Flowchart, Node

Contract = type[IntegrationEvent] | type[OutgoingCommand]

RELAY = Node("relay\n(bridge, sweep)", "function", "round")

ALTERNATE = "alternate-exchange"
DEAD_LETTER_KEY = "x-dead-letter-routing-key"
RETRY_DELAY = "x-message-ttl"


def event_bus(service: str, consumers: Sequence[str]) -> list[Section]:
    """Return the sections about the service's exchanges, queues and bindings.

    Args:
        service: its name.
        consumers: the functions that consume the messages of the inbox.
    """
    declared = project().service
    topology = topology_of(
        service,
        declared.subscribed,
        own_events=declared.own_events,
        sends_commands=bool(declared.outgoing),
    )
    return sections(topology, service, consumers)


def sections(topology: Topology, service: str, consumers: Sequence[str]) -> list[Section]:
    """Return the sections about a topology: outbound, then inbound.

    Args:
        topology: of the exchanges, queues and bindings.
        service: its name.
        consumers: the functions that consume the messages of the inbox.
    """
    outbound = Section(
        "Event bus: the way out",
        "Dashed: where the broker takes what is left over.",
        _OutboundDiagram(topology).draw(service),
    )
    inbound = Section(
        "Event bus: the way in",
        "A message is handled, held back for another attempt, or parked for a person to look at: "
        f"the last two by way of the exchange `{aside_exchange(service)}`.",
        _InboundDiagram(topology).draw(service, consumers),
        (
            ("queue", "arguments"),
            *((f"`{each.name}`", _arguments(each)) for each in topology.queues),
        ),
    )
    return [outbound, inbound]


@dataclass
class _TopologyDiagram:
    """A diagram of a topology, or of a part of it."""

    topology: Topology

    def __post_init__(self) -> None:
        self.chart = Flowchart()
        self.exchanges = {each.name: each for each in self.topology.exchanges}
        self.queues = {each.name: each for each in self.topology.queues}

    def exchange(self, name: str) -> Node:
        exchange: Exchange | None = self.exchanges.get(name)
        if exchange is None or not exchange.owned:
            return Node(f"another's exchange\n{name}", "external")
        return Node(f"{exchange.kind} exchange\n{name}", "message")

    def queue(self, name: str) -> Node:
        queue: Queue | None = self.queues.get(name)
        arguments = queue.arguments if queue else {}
        lines = [f"{arguments.get('x-queue-type', 'classic')} queue", name]
        if RETRY_DELAY in arguments:
            seconds = arguments[RETRY_DELAY] / 1000
            lines.append(f"back after {seconds:,.0f} s")
        return Node("\n".join(lines), "store", "queue")

    def draw_bindings(self, exchange: str) -> None:
        for each in self.topology.bindings:
            if each.exchange == exchange:
                self.chart.arrow(self.exchange(exchange), self.queue(each.queue), each.routing_key)


class _OutboundDiagram(_TopologyDiagram):
    """The relay, the exchanges that the service owns, and the queues bound to them."""

    def draw(self, service: str) -> str:
        declared = project().service
        self._draw_published(events_exchange(service), declared.published.values())
        self._draw_published(commands_exchange(service), declared.outgoing)
        for exchange in self.exchanges.values():
            if exchange.owned and exchange.name != aside_exchange(service):
                self._draw_alternate(exchange)
                self.draw_bindings(exchange.name)
        return self.chart.text

    def _draw_published(self, exchange: str, contracts: Iterable[Contract]) -> None:
        if exchange in self.exchanges:
            patterns = dict.fromkeys(map(_aggregate_pattern, contracts))
            self.chart.arrow(RELAY, self.exchange(exchange), "\n".join(patterns))

    def _draw_alternate(self, exchange: Exchange) -> None:
        alternate = exchange.arguments.get(ALTERNATE)
        if alternate is not None:
            end = self.exchange(alternate)
            self.chart.arrow(self.exchange(exchange.name), end, "wanted by no queue", dashed=True)


class _InboundDiagram(_TopologyDiagram):
    """Other services' exchanges, the inbox, and the queues for retries and parked messages."""

    def draw(self, service: str, consumers: Iterable[str]) -> str:
        inbox_name = inbox_queue(service)
        self._draw_sources(inbox_name, aside_exchange(service))
        for name in consumers:
            function = Node(name, "function", "round")
            self.chart.arrow(self.queue(inbox_name), function)
            self._draw_other_queues(inbox_name, function)
        return self.chart.text

    def _draw_sources(self, inbox_name: str, aside_name: str) -> None:
        """Draw one arrow from each foreign exchange, labelled with all its routing keys."""
        keys: dict[str, list[str]] = {}
        for each in self.topology.bindings:
            if each.queue == inbox_name and each.exchange != aside_name:
                keys.setdefault(each.exchange, []).append(each.routing_key)
        for exchange, routing_keys in keys.items():
            end = self.queue(inbox_name)
            self.chart.arrow(self.exchange(exchange), end, "\n".join(routing_keys))

    def _draw_other_queues(self, inbox_name: str, function: Node) -> None:
        """Draw the retry queues and the parking queue."""
        for queue in self.queues.values():
            if queue.arguments.get(DEAD_LETTER_KEY) == inbox_name:
                self.chart.arrow(function, self.queue(queue.name), "held back")
        parking_queue = self.queues[inbox_name].arguments.get(DEAD_LETTER_KEY)
        if parking_queue is not None:
            self.chart.arrow(function, self.queue(parking_queue), "parked")


def _aggregate_pattern(contract: Contract) -> str:
    """Return the pattern of the routing keys of a contract's aggregate: `lending.loan.*`."""
    return f"{routing_key(contract.wire_type).rpartition('.')[0]}.*"


def _arguments(queue: Queue) -> str:
    return ", ".join(f"`{name}={value}`" for name, value in sorted(queue.arguments.items()))
