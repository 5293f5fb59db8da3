"""`contracts.md`: the messages that other services may depend on."""

from collections.abc import Iterator

import msgspec

from carafe.contracts.base import Command, Query
from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import received_commands
from carafe.development.project import project
from carafe.domain.model import AggregateRoot, DomainCommand, DomainEvent

from .api import message_style
from .documents import Document, Section
from .mermaid import Node
from .model import aggregates, short_type, summary
from .sections import flatten, row_sections
from .source import recorders
from .wiring import Message, Service

NO_SCOPE = "no scope needed"

COMMANDS = "Needed scope, command, wire name."
QUERIES = "Needed scope, query, answer."
SUBSCRIBED = "Wire name, and the contract by which this service reads it."
SENT = "Command of the domain, contract, wire name."

EVENT_COLUMNS = ("routing key", "data")
MESSAGE_COLUMNS = ("message", "fields", "meaning")


def document(service: Service) -> Document:
    """Return the document."""
    sections = (
        *map(_published, aggregates()),
        _sent(),
        *_subscribed(service),
        *_messages(service),
    )
    return Document("contracts.md", "Contracts", flatten(sections))


def _published(aggregate: type[AggregateRoot]) -> list[Section]:
    published = project().service.published

    def paths(event: type[DomainEvent]) -> list[list[Node]]:
        contract = published[event]
        nodes = [Node(contract.__name__, "contract"), Node(contract.wire_type, "external")]
        return [[Node(event.__name__, "event"), *nodes]]

    own = [
        event
        for event in published
        if any(each.aggregate is aggregate for each in recorders().get(event, []))
    ]
    table = (EVENT_COLUMNS, lambda event: _event_row(published[event]))
    return row_sections(f"Events of {aggregate.__name__}", own, paths, table=table)


def _sent() -> list[Section]:
    outgoing = {
        command: contract
        for command, contract in project().service.sent.items()
        if issubclass(contract, OutgoingCommand)
    }

    def paths(command: type[DomainCommand]) -> list[list[Node]]:
        contract = outgoing[command]
        nodes = [Node(contract.__name__, "contract"), Node(contract.wire_type, "external")]
        return [[Node(command.__name__, "message"), *nodes]]

    table = (EVENT_COLUMNS, lambda command: _event_row(outgoing[command]))
    return row_sections("Commands to other services", list(outgoing), paths, SENT, table)


def _subscribed(service: Service) -> Iterator[list[Section]]:
    def paths(event: type[IntegrationEvent]) -> list[list[Node]]:
        return [[Node(event.wire_type, "external"), Node(event.__name__, "contract")]]

    table = (EVENT_COLUMNS, _event_row)
    commands, own = received_commands(service.reactions), project().service.own_events
    events = [each for each in service.reactions if each not in [*commands, *own]]
    yield row_sections("Events of other services", events, paths, SUBSCRIBED, table)
    yield row_sections("Own events that it reacts to", own, paths, SUBSCRIBED, table)
    yield row_sections("Commands of other services", commands, paths, SUBSCRIBED, table)


def _messages(service: Service) -> list[list[Section]]:
    answers = {each.message: each.answer.__name__ for each in service.operations}

    def paths(message: Message) -> list[list[Node]]:
        caller = Node(_scope(message), "caller", "round")
        path = [caller, Node(message.__name__, message_style(message))]
        result = getattr(message, "wire_name", "") or answers.get(message, "")
        return [[*path, Node(result, "contract", row=message.__name__)] if result else path]

    ordered = sorted(service.handlers, key=_scope)
    table = (MESSAGE_COLUMNS, _message_row)
    return [
        row_sections(
            title, [each for each in ordered if issubclass(each, base)], paths, text, table
        )
        for title, text, base in (("Commands", COMMANDS, Command), ("Queries", QUERIES, Query))
    ]


def _event_row(contract: type[IntegrationEvent] | type[OutgoingCommand]) -> tuple[str, ...]:
    return f"`{routing_key(contract.wire_type)}`", _fields(contract)


def _message_row(message: Message) -> tuple[str, ...]:
    return message.__name__, _fields(message), summary(message)


def _scope(message: Message) -> str:
    return getattr(message, "scope", None) or NO_SCOPE


def _fields(contract: type[msgspec.Struct]) -> str:
    """Return the fields of a contract, the optional ones in brackets."""
    return ", ".join(map(_field, msgspec.structs.fields(contract))) or "none"


def _field(field: msgspec.structs.FieldInfo) -> str:
    text = f"{field.name}: {short_type(field.type)}"
    return text if field.required else f"[{text}]"
