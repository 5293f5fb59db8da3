"""Checks of processes: their events tell of them, and their commands can be sent."""

from collections.abc import Iterator

from carafe.contracts.received_commands import REFUSED

from .locations import located_commands, located_events, located_processes
from .model import Attribute, Model
from .process_model import OwnCommand, Process, event_key
from .source import Location
from .step_checks import step_faults
from .types import Type

CORRELATING = ("identifier", "text")
"""The types of attributes that tell one process from another."""

OPERATIONS = "operations"

REMEDIES = {
    "lacks": "add it there",
    "has another type of": "give both the same",
    "has wider bounds for": "give both the same",
    "may lack": "remove its `?` there",
}


def process_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield what keeps processes from their end, and sent commands that cannot be sent."""
    for process, location in located_processes(model):
        yield from _correlation(process, location)
        yield from _beginning(process)
        yield from _told(process)
        yield from _repeated_events(process)
        yield from _commands(process)
        yield from step_faults(process)
    yield from _sent_commands(model)


def _correlation(process: Process, location: Location) -> Iterator[tuple[Location, str]]:
    for position, each in enumerate(process.correlation):
        kind = each.type
        if kind.name not in CORRELATING or kind.many or kind.optional:
            message = (
                f"{each.name} cannot tell one {process.name} from another: that is for a single "
                f"{' or '.join(CORRELATING)} that is always there"
            )
            yield (*location, "correlation", position), message


def _beginning(process: Process) -> Iterator[tuple[Location, str]]:
    """Yield attributes that the event that begins a process does not give it."""
    event = process.begins_on
    for each in process.attributes:
        lack = _lack(event.attributes, each)
        if lack and each not in process.correlation:
            message = f"{event_key(event)} {lack} {each.name}, which {process.name} takes from it"
            yield (
                ("processes", process.name, "attributes", each.name),
                f"{message}: {REMEDIES[lack]}",
            )


def _told(process: Process) -> Iterator[tuple[Location, str]]:
    """Yield events that do not tell which process they belong to."""
    for event, location in located_events(process):
        for each in process.correlation:
            if lack := _lack(event.attributes, each):
                message = f"{event_key(event)} {lack} {each.name}, by which {process.name} is found"
                yield location, f"{message}: {REMEDIES[lack]}"


def _repeated_events(process: Process) -> Iterator[tuple[Location, str]]:
    seen: set[str] = set()
    for event, location in located_events(process):
        if event.wire_type in seen:
            message = (
                f"{process.name} follows {event_key(event)} already: an event has one meaning in "
                "a process"
            )
            yield location, message
        seen.add(event.wire_type)


def _commands(process: Process) -> Iterator[tuple[Location, str]]:
    for command, location in located_commands(process):
        for each in command.attributes:
            if lack := _lack(process.attributes, each):
                message = f"{process.name} {lack} {each.name}, which {command.name} takes"
                yield location, f"{message}: {REMEDIES[lack]}"
        if isinstance(command, OwnCommand):
            yield from ((location, message) for message in _own_command(command))


def _own_command(command: OwnCommand) -> Iterator[str]:
    """Yield why a process cannot send a command to an aggregate of its own service."""
    aggregate, behavior = command.aggregate, command.command.behavior
    for each in behavior.takes:
        if each.from_caller:
            yield f"{command.name} takes {each.name} from the caller, which a process is not"
    if aggregate.owner and not behavior.creates and command.command.scope != OPERATIONS:
        yield (
            f"{command.name} is for the owner of a {aggregate.name}, which a process is not: give "
            f"it `scope: {OPERATIONS}`"
        )


def _sent_commands(model: Model) -> Iterator[tuple[Location, str]]:
    sent = {each for process in model.processes for each in process.sends}
    events = model.data.get("subscriptions", {})
    for each in model.sent_commands:
        location: Location = ("sent_commands", each.wire_type)
        if each not in sent:
            yield location, f"no process sends {each.wire_type}: let a step do so, or remove it"
        if each.receiver == model.context:
            message = "is of this service itself: let a step send an own command by its name"
            yield location, f"{each.wire_type} {message}"
        if each.wire_type in events or each.wire_type.endswith(f".{REFUSED}"):
            yield location, f"{each.wire_type} is an event's: a command is in the imperative"


def _lack(known: tuple[Attribute, ...], needed: Attribute) -> str:
    """Return how attributes fall short of one that is needed; empty if they do not."""
    kind = next((each.type for each in known if each.name == needed.name), None)
    if kind is None:
        return "lacks"
    if (kind.name, kind.many) != (needed.type.name, needed.type.many):
        return "has another type of"
    if kind.optional and not needed.type.optional:
        return "may lack"
    return "has wider bounds for" if _is_wider(kind, needed.type) else ""


def _is_wider(kind: Type, other: Type) -> bool:
    return kind.least < other.least or kind.most > other.most
