"""Who takes part in a process: the aggregates of its service, other services, and people."""

from collections.abc import Iterable, Iterator
from typing import Any

from carafe.contracts.base import Command
from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.development.diagrams.effects import effects_of
from carafe.development.diagrams.model import aggregates
from carafe.development.diagrams.sequence import Message, Participant
from carafe.development.diagrams.source import Behaviour, behaviours, recorders
from carafe.development.diagrams.wiring import service as wired_service
from carafe.domain.model import DomainCommand, DomainEvent
from carafe.domain.process import Process
from carafe.infrastructure.declaration import Declaration

from .trial import Message as Contract

CALLER = "a caller"
PERSON = "a person"


def sender_of(contract: type[Contract], service: Declaration[Any]) -> str:
    """Return who sends a message: an aggregate of the service, another service, or a caller."""
    if issubclass(contract, Command):
        return next((each.__name__ for each in _senders_of(contract, service)), CALLER)
    if contract.publisher() != service.name:
        return contract.publisher()
    names = [each.aggregate.__name__ for each in _recorders_of(contract, service)]
    return next(iter(names), service.name)


def receiver_of(command: type[DomainCommand], service: Declaration[Any]) -> str:
    """Return who gets a command: another service, or an aggregate of this one."""
    contract = service.sent[command]
    if issubclass(contract, OutgoingCommand):
        return contract.receiver()
    handler = wired_service().handlers.get(contract)
    found = effects_of(handler).aggregates if handler else ()
    return next((each.__name__ for each in found), service.name)


def causes_of(event: type[Contract], service: Declaration[Any]) -> list[type[IntegrationEvent]]:
    """Return the other services' events upon which an aggregate records an own event."""
    if issubclass(event, Command):
        return []
    recording = {(each.aggregate, each.name) for each in _recorders_of(event, service)}
    return [
        cause
        for cause, handlers in wired_service().reactions.items()
        if cause.publisher() != service.name
        for handler in handlers
        if any((each.aggregate, each.name) in recording for each in effects_of(handler).behaviours)
    ]


def is_answer(
    event: type[Contract], command: type[DomainCommand], service: Declaration[Any]
) -> bool:
    """Return whether an aggregate of the service may record an event upon a command."""
    contract = service.sent[command]
    if issubclass(contract, OutgoingCommand) or issubclass(event, Command):
        return False
    called = {(each.aggregate, each.name) for each in _called_by(contract)}
    return any((each.aggregate, each.name) in called for each in _recorders_of(event, service))


def participants(
    process: type[Process], messages: Iterable[Message], service: Declaration[Any]
) -> list[Participant]:
    """Return who takes part in messages: people, the own service around the process, others."""
    there = dict.fromkeys(name for each in messages for name in (each.sender, each.receiver))
    own_names = {each.__name__ for each in aggregates()} | {service.name}
    people = [each for each in (CALLER, PERSON) if each in there]
    own = [each for each in there if each in own_names and each != process.__name__]
    others = [each for each in there if each not in {*people, *own_names}]
    return [
        *map(Participant, people),
        *(Participant(each, service.name) for each in (*own, process.__name__)),
        *map(Participant, others),
    ]


def _senders_of(contract: type[Command], service: Declaration[Any]) -> Iterator[type]:
    sent = {each for each, told in service.sent.items() if told is contract}
    for aggregate in aggregates():
        if any(sent & set(each.commands) for each in behaviours(aggregate)):
            yield aggregate


def _called_by(contract: type[Command]) -> tuple[Behaviour, ...]:
    handler = wired_service().handlers.get(contract)
    return effects_of(handler).behaviours if handler else ()


def _recorders_of(contract: type[IntegrationEvent], service: Declaration[Any]) -> list[Behaviour]:
    """Return the behaviours that record an own event, whichever version a handler reads."""
    events: list[type[DomainEvent]] = [
        event
        for event, published in service.published.items()
        if routing_key(published.wire_type) == routing_key(contract.wire_type)
    ]
    return [each for event in events for each in recorders().get(event, ())]
