"""04 - Contracts Implementation: everything that leaves or enters has a stable form."""

import re
from collections.abc import Iterator

import msgspec

from carafe.contracts.base import Command, Query
from carafe.contracts.integration_events import IntegrationEvent, faults_of
from carafe.development.contracts.commands import RELEASED, present_contracts
from carafe.development.contracts.snapshot import breaking_changes, read
from carafe.development.diagrams.model import attributes_of, classes_of, summary
from carafe.development.project import project
from carafe.domain.model import DomainEvent

from .needs import Need, current

BASE = IntegrationEvent
WIRE_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


def events_have_contracts() -> list[str]:
    """Return events without a contract, and wire types that are malformed or taken."""
    return faults_of(project().service.published, project().service.repositories)


def contracts_fit_events() -> Iterator[str]:
    """Yield contracts that ask for what their event does not tell."""
    for event, contract in project().service.published.items():
        if any("data_of" in vars(each) for each in contract.__mro__ if each is not BASE):
            continue  # made by the contract itself
        told = {each.name for each in attributes_of(event, DomainEvent)}
        wanted = {each.name for each in msgspec.structs.fields(contract)}
        if told != wanted:
            names = ", ".join(sorted(told ^ wanted))
            yield f"{contract.__name__} and {event.__name__} differ in {names}: add data_of"


def commands_are_named() -> Iterator[str]:
    """Yield commands without a wire name, or with another's."""
    owners: dict[str, str] = {}
    for command in classes_of(project().room("contracts"), Command):
        name = str(getattr(command, "wire_name", ""))
        if not WIRE_NAME.fullmatch(name):
            yield f"{command.__name__}.wire_name must be like lending.request_loan, is {name!r}"
        owner = owners.setdefault(name, command.__name__)
        if owner != command.__name__:
            yield f"{owner} and {command.__name__} share the wire name {name}"


def commands_are_guarded() -> Iterator[str]:
    """Yield commands that anybody may send."""
    for command in classes_of(project().room("contracts"), Command):
        if not getattr(command, "scope", ""):
            yield f"{command.__name__} has no scope: say what a caller must hold"


def messages_are_described() -> Iterator[str]:
    """Yield commands, queries and events without a description."""
    for kind in (Command, Query, IntegrationEvent):
        for each in classes_of(project().room("contracts"), kind):
            if not vars(each).get("__doc__") or not summary(each):
                yield f"{each.__name__} has no description: say in a sentence what it means"


def unchanged() -> list[str]:
    """Return changes that would break who relies on the last release."""
    released = read(RELEASED)
    return breaking_changes(released, present_contracts()) if released else []


NEEDS = (
    Need("every event of the domain has a contract of its own", events_have_contracts),
    Need("contracts fit the events that they announce", contracts_fit_events),
    Need("every command has a wire name of its own", commands_are_named),
    Need("every command needs a scope", commands_are_guarded),
    Need("commands, queries and events are described", messages_are_described),
    Need("no published contract was broken", unchanged),
    Need("diagrams/contracts.md is current", current("contracts.md")),
)
