"""`cqrs.md`: the path of each command, query, integration event and timer through the service."""

import functools
from collections.abc import Iterator

from carafe.api.endpoints import Operation
from carafe.contracts.base import Command, Query
from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import received_commands
from carafe.development.project import project
from carafe.domain.model import DomainCommand, DomainEvent
from carafe.domain.timers import Timer

from .api import message_style, route
from .documents import Document, Section
from .mermaid import Node
from .sections import flatten, row_sections
from .wiring import Handler, HandlerEffects, Message, Service, effects_of, handler_name

COMMANDS = "Route and command, handler, aggregate, event and routing key."
QUERIES = "Route and query, handler, what is read, what is answered."
REACTIONS = "Routing key and contract, handler, aggregate, event and routing key."

TIMERS = "Timer, handler, aggregate, event and routing key."

WITHOUT_ROUTE = "without a route"


def document(service: Service) -> Document:
    """Return the document."""
    tags = dict.fromkeys(_tag(_operation(message, service)) for message in service.handlers)
    sections = [
        *(_messages(tag, service) for tag in tags),
        *_reactions(service),
        _timers(service),
    ]
    return Document("cqrs.md", "Commands, queries, events", flatten(sections))


def _messages(tag: str, service: Service) -> list[Section]:
    paths = functools.partial(_paths, service=service)
    own = [each for each in service.handlers if _tag(_operation(each, service)) == tag]
    commands = [each for each in own if issubclass(each, Command)]
    queries = [each for each in own if issubclass(each, Query)]
    return [
        *row_sections(f"Commands: {tag}", commands, paths, COMMANDS),
        *row_sections(f"Queries: {tag}", queries, paths, QUERIES),
    ]


def _reactions(service: Service) -> Iterator[list[Section]]:
    def paths(event: type[IntegrationEvent]) -> list[list[Node]]:
        source = Node(f"{routing_key(event.wire_type)}\n{event.__name__}", "external")
        handler = service.reactions[event]
        return _behaviour_paths([source, _handler_node(handler)], effects_of(handler))

    commands, own = received_commands(service.reactions), project().service.own_events
    events = [each for each in service.reactions if each not in [*commands, *own]]
    yield row_sections("Events of other services", events, paths, REACTIONS)
    yield row_sections("Own events that it reacts to", own, paths, REACTIONS)
    yield row_sections("Commands of other services", commands, paths, REACTIONS)


def _timers(service: Service) -> list[Section]:
    def paths(timer: type[Timer]) -> list[list[Node]]:
        handler = service.timers[timer]
        source = Node(timer.__name__, "timer", "round")
        return _behaviour_paths([source, _handler_node(handler)], effects_of(handler))

    return row_sections("Timers", list(service.timers), paths, TIMERS)


def _paths(message: Message, service: Service) -> list[list[Node]]:
    operation = _operation(message, service)
    handler = service.handlers[message]
    effects = effects_of(handler)
    label = f"{route(operation)}\n" if operation else ""
    path = [Node(label + message.__name__, message_style(message)), _handler_node(handler)]
    if issubclass(message, Query):
        return [[*path, *_read_nodes(effects, message), *_answer_nodes(operation, message)]]
    calls = [[path[-1], Node(each.replace(".", "\n"), "external")] for each in effects.calls]
    return [*_behaviour_paths(path, effects), *calls]


def _behaviour_paths(start: list[Node], effects: HandlerEffects) -> list[list[Node]]:
    """Return a path from a handler to everything that its behaviours record and send."""
    paths = []
    for each in effects.behaviours:
        path = [*start, Node(f"{each.aggregate.__name__}\n{each.name}", "behaviour")]
        ends = [*map(_event_node, each.events), *map(_command_node, each.commands)]
        paths += [[*path, end] for end in ends] or [path]
    return paths or [start]


def _event_node(event: type[DomainEvent]) -> Node:
    contract = project().service.published.get(event)
    key = f"\n{routing_key(contract.wire_type)}" if contract else ""
    return Node(f"{event.__name__}{key}", "event")


def _command_node(command: type[DomainCommand]) -> Node:
    contract = project().service.sent.get(command)
    if contract is None:
        return Node(command.__name__, "message")
    if issubclass(contract, OutgoingCommand):
        return Node(f"{command.__name__}\n{routing_key(contract.wire_type)}", "message")
    return Node(f"{command.__name__}\n{contract.wire_name}", "message")


def _read_nodes(effects: HandlerEffects, message: Message) -> list[Node]:
    names = ", ".join(each.__name__ for each in effects.aggregates)
    return [Node(names, "store", "store", message.__name__)] if names else []


def _answer_nodes(operation: Operation | None, message: Message) -> list[Node]:
    if operation is None:
        return []
    return [Node(operation.answer.__name__, "contract", row=message.__name__)]


def _handler_node(handler: Handler) -> Node:
    return Node(handler_name(handler).replace(".", "\n"), "function")


def _operation(message: Message, service: Service) -> Operation | None:
    return next((each for each in service.operations if each.message is message), None)


def _tag(operation: Operation | None) -> str:
    return operation.tag if operation else WITHOUT_ROUTE
