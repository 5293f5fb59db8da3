"""`cqrs.md`: the way of each command, query and integration event through the service."""

from collections.abc import Sequence

from chalicelib.api.endpoints import Operation
from chalicelib.contracts.base import Command, Query
from chalicelib.contracts.integration_events import PUBLISHED, IntegrationEvent, routing_key

from .api import message_style, route
from .documents import Document, Section, part_title, parts
from .mermaid import Node, rows
from .wiring import Handler, Service, Work, handler_name, work_of

Message = type[Command | Query]

COMMANDS = "Route and command, handler, aggregate, event and routing key."
REACTIONS = "Routing key and contract, handler, aggregate, event and routing key."
QUERIES = "Route and query, handler, what is read, what is answered."


def document(service: Service) -> Document:
    """Return the document."""
    routes = {each.message: each for each in service.operations}
    tags = dict.fromkeys(_tag(routes.get(message)) for message in service.handlers)
    sections: list[Section] = []
    for tag in tags:
        own = [each for each in service.handlers if _tag(routes.get(each)) == tag]
        commands = [each for each in own if issubclass(each, Command)]
        queries = [each for each in own if issubclass(each, Query)]
        sections += _sections(f"Commands: {tag}", COMMANDS, commands, service)
        sections += _sections(f"Queries: {tag}", QUERIES, queries, service)
    sections += _reactions(service)
    return Document("cqrs.md", "Commands, queries, events", tuple(sections))


def _tag(operation: Operation | None) -> str:
    return operation.tag if operation else "without a route"


def _sections(
    title: str, text: str, messages: Sequence[Message], service: Service
) -> list[Section]:
    cuts = parts(messages)
    return [
        Section(
            part_title(title, number, len(cuts)),
            text,
            rows(path for each in messages[cut] for path in _paths(each, service)),
        )
        for number, cut in enumerate(cuts, start=1)
        if messages
    ]


def _reactions(service: Service) -> list[Section]:
    subscribed = list(service.reactions)
    cuts = parts(subscribed)
    return [
        Section(
            part_title("Events of other services", number, len(cuts)),
            REACTIONS,
            rows(path for each in subscribed[cut] for path in _reaction(each, service)),
        )
        for number, cut in enumerate(cuts, start=1)
        if subscribed
    ]


def _reaction(event: type[IntegrationEvent], service: Service) -> list[list[Node]]:
    handler = service.reactions[event]
    begin = [Node(f"{routing_key(event.wire_type)}\n{event.__name__}", "external"), _named(handler)]
    return _changed(begin, work_of(handler))


def _named(handler: Handler) -> Node:
    return Node(handler_name(handler).replace(".", "\n"), "function")


def _paths(message: Message, service: Service) -> list[list[Node]]:
    operation = next((each for each in service.operations if each.message is message), None)
    handler = service.handlers[message]
    work = work_of(handler)
    carried = f"{route(operation)}\n" if operation else ""
    style = message_style(message)
    begin = [
        Node(carried + message.__name__, style),
        _named(handler),
    ]
    if issubclass(message, Query):
        return [[*begin, *_read(work, message), *_answered(operation, message)]]
    calls = [[begin[-1], Node(each.replace(".", "\n"), "external")] for each in work.calls]
    return [*_changed(begin, work), *calls]


def _changed(begin: list[Node], work: Work) -> list[list[Node]]:
    if not work.behaviours:
        return [begin]
    paths = []
    for each in work.behaviours:
        way = [*begin, Node(f"{each.aggregate.__name__}\n{each.name}", "behaviour")]
        paths += [[*way, _event(event)] for event in each.events] or [way]
    return paths


def _event(event: type) -> Node:
    contract = PUBLISHED.get(event)
    key = f"\n{routing_key(contract.wire_type)}" if contract else ""
    return Node(f"{event.__name__}{key}", "event")


def _read(work: Work, message: Message) -> list[Node]:
    names = ", ".join(each.__name__ for each in work.aggregates)
    return [Node(names, "store", "store", message.__name__)] if names else []


def _answered(operation: Operation | None, message: Message) -> list[Node]:
    if operation is None:
        return []
    return [Node(operation.answer.__name__, "contract", row=message.__name__)]
