"""The names that the code of processes will have."""

from collections.abc import Iterable, Iterator

from . import reserved_names
from .locations import located_events, located_processes, located_steps
from .model import Model
from .names import camel
from .process_model import Process
from .source import Location

SUFFIXES = ("Events", "Overdue", "Repository", "Timers")
"""Of the other classes whose names follow from the process."""


def process_class_names(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield the names of classes."""
    receivers: dict[str, Location] = {}
    for command in model.sent_commands:
        location: Location = ("sent_commands", command.wire_type)
        yield location, command.name
        yield location, command.contract
        receivers.setdefault(command.receiver, location)
    yield from ((location, f"{camel(each)}Refused") for each, location in receivers.items())
    for process, location in located_processes(model):
        yield location, process.name
        yield location, process.plural
        yield from ((location, f"{process.name}{suffix}") for suffix in SUFFIXES)


def process_member_names(model: Model) -> Iterator[tuple[Location, str, Iterable[str]]]:
    """Yield the names of attributes and methods, with those that are reserved."""
    for command in model.sent_commands:
        for each in command.attributes:
            place: Location = ("sent_commands", command.wire_type, "attributes", each.name)
            yield place, each.name, reserved_names.SENT
    for process, location in located_processes(model):
        own = {process.snake, f"{process.snake}_id"}
        for each in process.attributes:
            reserved = reserved_names.PROCESS_ATTRIBUTES | own
            yield (*location, "attributes", each.name), each.name, reserved
        kept = {each.name for each in process.attributes}
        methods = reserved_names.PROCESS_METHODS | kept | own | {process.collection}
        for event, place in located_events(process):
            yield place, event.snake, methods


def process_name_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield names that the code of one process would have twice."""
    for process, _ in located_processes(model):
        yield from _handlers(process)
        yield from _constants(process)


def _handlers(process: Process) -> Iterator[tuple[Location, str]]:
    """Yield events whose handlers have one name: other events', or that of a refusal."""
    owners = {f"{each}_refused": f"the refusal of {each}" for each in process.refusals}
    for event, location in located_events(process):
        owner = owners.setdefault(event.snake, event.wire_type)
        if owner != event.wire_type:
            yield location, f"{event.wire_type} and {owner} are both called {event.snake} in code"


def _constants(process: Process) -> Iterator[tuple[Location, str]]:
    """Yield steps whose constant has the name of a class."""
    classes = {process.name, *(each.name for each in process.sends)}
    for step, location in located_steps(process):
        if step.name.upper() in classes:
            yield location, f"{step.name.upper()} is a class: call the step {step.name} otherwise"
