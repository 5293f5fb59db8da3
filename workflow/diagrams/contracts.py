"""`contracts.md`: what other services may depend on: commands, queries, integration events."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from chalicelib.contracts.base import Command, Query
from chalicelib.contracts.integration_events import PUBLISHED, routing_key
from chalicelib.domain.model import AggregateRoot, DomainEvent

from .api import message_style
from .documents import Document, Section, part_title, parts
from .mermaid import Node, rows
from .model import aggregates, short_type, summary
from .source import raisers
from .wiring import Service

M = TypeVar("M", bound=type[Command | Query])

NO_SCOPE = "no scope needed"

MOST_MESSAGES = 10


def document(service: Service) -> Document:
    """Return the document."""
    sections = [section for each in aggregates() for section in _published(each)]
    sections += _subscribed(service)
    answers = {each.message: each.answer for each in service.operations}
    commands = {each: each.wire_name for each in service.handlers if issubclass(each, Command)}
    queries = {
        each: answers[each].__name__ if each in answers else ""
        for each in service.handlers
        if issubclass(each, Query)
    }
    sections += _messages("Commands", "Needed scope, command, wire name.", commands)
    sections += _messages("Queries", "Needed scope, query, answer.", queries)
    return Document("contracts.md", "Contracts", tuple(sections))


def event_nodes(event: type[DomainEvent]) -> list[Node]:
    """Return an event of the domain, its contract, and the routing key it goes out under."""
    contract = PUBLISHED.get(event)
    nodes = [Node(event.__name__, "event")]
    if contract is not None:
        nodes += [Node(contract.__name__, "contract"), Node(contract.wire_type, "external")]
    return nodes


def _published(aggregate: type[AggregateRoot]) -> list[Section]:
    own = [
        event
        for event in PUBLISHED
        if any(each.aggregate is aggregate for each in raisers().get(event, []))
    ]
    cuts = parts(own)
    return [
        Section(
            part_title(f"Events of {aggregate.__name__}", number, len(cuts)),
            diagram=rows(map(event_nodes, own[cut])),
            table=(
                ("routing key", "data"),
                *(
                    (f"`{routing_key(PUBLISHED[each].wire_type)}`", _fields(PUBLISHED[each]))
                    for each in own[cut]
                ),
            ),
        )
        for number, cut in enumerate(cuts, start=1)
        if own
    ]


def _subscribed(service: Service) -> list[Section]:
    subscribed = list(service.reactions)
    cuts = parts(subscribed)
    return [
        Section(
            part_title("Events of other services", number, len(cuts)),
            "Wire name, and the contract by which this service reads it.",
            rows(
                [Node(each.wire_type, "external"), Node(each.__name__, "contract")]
                for each in subscribed[cut]
            ),
            (
                ("routing key", "data"),
                *((f"`{routing_key(each.wire_type)}`", _fields(each)) for each in subscribed[cut]),
            ),
        )
        for number, cut in enumerate(cuts, start=1)
        if subscribed
    ]


def _messages(title: str, text: str, messages: Mapping[M, str]) -> list[Section]:
    """Return the sections of messages, each with what stands behind it."""
    ordered = sorted(messages, key=_scope)
    cuts = parts(ordered, MOST_MESSAGES)
    return [
        Section(
            part_title(title, number, len(cuts)),
            text,
            rows(_path(each, messages[each]) for each in ordered[cut]),
            (
                ("message", "fields", "meaning"),
                *((each.__name__, _fields(each), summary(each)) for each in ordered[cut]),
            ),
        )
        for number, cut in enumerate(cuts, start=1)
        if messages
    ]


def _path(message: type, behind: str) -> list[Node]:
    begin = [
        Node(_scope(message), "caller", "round"),
        Node(message.__name__, message_style(message)),
    ]
    return [*begin, Node(behind, "contract", row=message.__name__)] if behind else begin


def _scope(message: type) -> str:
    return getattr(message, "scope", None) or NO_SCOPE


def _fields(contract: type[msgspec.Struct]) -> str:
    """Return the fields of a contract; those that may be left out in brackets."""
    described = [_field(each) for each in msgspec.structs.fields(contract)]
    return ", ".join(described) or "none"


def _field(each: Any) -> str:  # noqa: ANN401 - msgspec's FieldInfo
    text = f"{each.name}: {short_type(each.type)}"
    return text if each.required else f"[{text}]"
