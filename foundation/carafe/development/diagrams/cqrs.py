"""`cqrs.md`: the way of each command, query and integration event through the service."""

import functools

from carafe.api.endpoints import Operation
from carafe.contracts.base import Command, Query
from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.development.project import project
from carafe.domain.model import DomainEvent

from .api import message_style, route
from .documents import Document, Section
from .mermaid import Node
from .sections import flat, row_sections
from .wiring import Handler, Message, Service, Work, handler_name, work_of

COMMANDS = "Route and command, handler, aggregate, event and routing key."
QUERIES = "Route and query, handler, what is read, what is answered."
REACTIONS = "Routing key and contract, handler, aggregate, event and routing key."

WITHOUT_ROUTE = "without a route"


def document(service: Service) -> Document:
    """Return the document."""
    tags = dict.fromkeys(_tag(_operation(message, service)) for message in service.handlers)
    sections = [*(_messages(tag, service) for tag in tags), _reactions(service)]
    return Document("cqrs.md", "Commands, queries, events", flat(sections))


def _messages(tag: str, service: Service) -> list[Section]:
    paths = functools.partial(_paths, service=service)
    own = [each for each in service.handlers if _tag(_operation(each, service)) == tag]
    commands = [each for each in own if issubclass(each, Command)]
    queries = [each for each in own if issubclass(each, Query)]
    return [
        *row_sections(f"Commands: {tag}", commands, paths, COMMANDS),
        *row_sections(f"Queries: {tag}", queries, paths, QUERIES),
    ]


def _reactions(service: Service) -> list[Section]:
    def paths(event: type[IntegrationEvent]) -> list[list[Node]]:
        told = Node(f"{routing_key(event.wire_type)}\n{event.__name__}", "external")
        handler = service.reactions[event]
        return _changed([told, _named(handler)], work_of(handler))

    return row_sections("Events of other services", list(service.reactions), paths, REACTIONS)


def _paths(message: Message, service: Service) -> list[list[Node]]:
    operation = _operation(message, service)
    handler = service.handlers[message]
    work = work_of(handler)
    carried = f"{route(operation)}\n" if operation else ""
    begin = [Node(carried + message.__name__, message_style(message)), _named(handler)]
    if issubclass(message, Query):
        return [[*begin, *_read(work, message), *_answered(operation, message)]]
    calls = [[begin[-1], Node(each.replace(".", "\n"), "external")] for each in work.calls]
    return [*_changed(begin, work), *calls]


def _changed(begin: list[Node], work: Work) -> list[list[Node]]:
    paths = []
    for each in work.behaviours:
        way = [*begin, Node(f"{each.aggregate.__name__}\n{each.name}", "behaviour")]
        paths += [[*way, _event(event)] for event in each.events] or [way]
    return paths or [begin]


def _event(event: type[DomainEvent]) -> Node:
    contract = project().service.published.get(event)
    key = f"\n{routing_key(contract.wire_type)}" if contract else ""
    return Node(f"{event.__name__}{key}", "event")


def _read(work: Work, message: Message) -> list[Node]:
    names = ", ".join(each.__name__ for each in work.aggregates)
    return [Node(names, "store", "store", message.__name__)] if names else []


def _answered(operation: Operation | None, message: Message) -> list[Node]:
    if operation is None:
        return []
    return [Node(operation.answer.__name__, "contract", row=message.__name__)]


def _named(handler: Handler) -> Node:
    return Node(handler_name(handler).replace(".", "\n"), "function")


def _operation(message: Message, service: Service) -> Operation | None:
    return next((each for each in service.operations if each.message is message), None)


def _tag(operation: Operation | None) -> str:
    return operation.tag if operation else WITHOUT_ROUTE
