"""`cqrs.md`: the path of each command, query, integration event and timer through the service."""

import functools
from collections.abc import Iterator, Sequence

from carafe.api.endpoints import Operation
from carafe.contracts.base import Command, Query
from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import received_commands
from carafe.development.project import project
from carafe.domain.model import DomainCommand, DomainEvent
from carafe.domain.process import Process
from carafe.domain.timers import Timer

from .api import message_style, route
from .documents import Document, Section
from .effects import HandlerEffects, effects_of
from .mermaid import Node
from .processes.exploration import recorded_on
from .processes.moves import Cause
from .sections import flatten, row_sections
from .source import Behaviour
from .wiring import Handler, Message, Service, handler_name

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
        return [
            path
            for handler in service.reactions[event]
            for path in _handler_paths(source, handler, event)
        ]

    commands, own = received_commands(service.reactions), project().service.own_events
    events = [each for each in service.reactions if each not in [*commands, *own]]
    yield row_sections("Events of other services", events, paths, REACTIONS)
    yield row_sections("Own events that it reacts to", own, paths, REACTIONS)
    yield row_sections("Commands of other services", commands, paths, REACTIONS)


def _timers(service: Service) -> list[Section]:
    def paths(timer: type[Timer]) -> list[list[Node]]:
        source = Node(timer.__name__, "timer", "round")
        return _handler_paths(source, service.timers[timer], timer)

    return row_sections("Timers", list(service.timers), paths, TIMERS)


def _paths(message: Message, service: Service) -> list[list[Node]]:
    operation = _operation(message, service)
    handler = service.handlers[message]
    effects = effects_of(handler)
    label = f"{route(operation)}\n" if operation else ""
    path = [Node(label + message.__name__, message_style(message)), _handler_node(handler)]
    if issubclass(message, Query):
        return [[*path, *_read_nodes(effects, message), *_answer_nodes(operation, message)]]
    return _handler_paths(path[0], handler, message)


def _handler_paths(source: Node, handler: Handler, cause: Cause) -> list[list[Node]]:
    """Return a path to everything that a handler's behaviours record and send, and that it calls.

    Args:
        source: the node of the message or the timer.
        handler: of it.
        cause: the message or the timer.
    """
    start, effects = [source, _handler_node(handler)], effects_of(handler)
    paths = []
    for each in effects.behaviours:
        path = [*start, Node(f"{each.aggregate.__name__}\n{each.name}", "behaviour")]
        paths += [[*path, end] for end in _ends(each, effects, cause)] or [path]
    calls = [[start[-1], Node(each.replace(".", "\n"), "external")] for each in effects.calls]
    return [*(paths or [start]), *calls]


def _ends(behaviour: Behaviour, effects: HandlerEffects, cause: Cause) -> Iterator[Node]:
    """Yield what a behaviour records and sends; a process was run to see it."""
    recorded: Sequence[type[DomainCommand | DomainEvent]] = (*behaviour.events, *behaviour.commands)
    if issubclass(behaviour.aggregate, Process) and len(effects.behaviours) == 1:
        recorded = recorded_on(behaviour.aggregate, cause) or recorded
    for each in recorded:
        yield _command_node(each) if issubclass(each, DomainCommand) else _event_node(each)


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
