"""04 - Contracts Implementation: every message that leaves or enters has a stable form."""

import re
from collections.abc import Iterator

from carafe.contracts.base import Command, Query
from carafe.contracts.integration_events import IntegrationEvent, faults_of
from carafe.contracts.outgoing_commands import OutgoingCommand, faults_of_sent
from carafe.development.contracts.commands import RELEASED, present_contracts
from carafe.development.contracts.snapshot import breaking_changes, read
from carafe.development.diagrams.model import classes_of, summary
from carafe.development.project import project

from .needs import Need, stale_diagrams

WIRE_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


def event_contract_faults() -> list[str]:
    """Return events without a contract, and wire types that are malformed or used twice."""
    return faults_of(project().service.published, project().service.repositories)


def contract_differences() -> list[str]:
    """Return the fields of contracts that differ from what they tell, by name or by type."""
    return project().service.contract_faults()


def sent_command_faults() -> list[str]:
    """Return commands of the domain without a contract, and wire types that cannot be used."""
    declared = project().service
    return faults_of_sent(declared.sent, declared.name, declared.published, declared.repositories)


def wire_name_faults() -> Iterator[str]:
    """Yield commands without a wire name, or with that of another command."""
    owners: dict[str, str] = {}
    for command in classes_of(project().layer("contracts"), Command):
        name = str(getattr(command, "wire_name", ""))
        if not WIRE_NAME.fullmatch(name):
            yield f"{command.__name__}.wire_name must be like lending.request_loan, is {name!r}"
        owner = owners.setdefault(name, command.__name__)
        if owner != command.__name__:
            yield f"{owner} and {command.__name__} share the wire name {name}"


def commands_without_scope() -> Iterator[str]:
    """Yield commands that any caller may send."""
    for command in classes_of(project().layer("contracts"), Command):
        if not getattr(command, "scope", ""):
            yield f"{command.__name__} has no scope: name the one that a caller needs"


def undescribed_messages() -> Iterator[str]:
    """Yield commands, queries and events without a description."""
    for base in (Command, Query, IntegrationEvent, OutgoingCommand):
        for each in classes_of(project().layer("contracts"), base):
            if not vars(each).get("__doc__") or not summary(each):
                yield f"{each.__name__} has no description: add a sentence that says what it means"


def contract_breaks() -> list[str]:
    """Return changes that would break users of the last release."""
    released = read(RELEASED)
    return breaking_changes(released, present_contracts()) if released else []


NEEDS = (
    Need("every event of the domain has a contract of its own", event_contract_faults),
    Need("every command of the domain has a contract", sent_command_faults),
    Need("contracts fit the events and commands that they tell", contract_differences),
    Need("every command has a wire name of its own", wire_name_faults),
    Need("every command needs a scope", commands_without_scope),
    Need("commands, queries and events are described", undescribed_messages),
    Need("no published contract was broken", contract_breaks),
    Need("diagrams/contracts.md is current", stale_diagrams("contracts.md")),
)
