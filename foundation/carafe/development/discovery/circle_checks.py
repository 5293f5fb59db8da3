"""Checks that nothing which follows an event of the service leads to such events for ever."""

from collections.abc import Iterator, Sequence

from .locations import located_commands, located_processes, located_subscriptions
from .model import Aggregate, Behavior, Model
from .process_model import OwnCommand
from .source import Location

Causes = Sequence[tuple[str, str]]
"""Wire types of events: one, and one of the service itself that follows from it."""


def circle_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield reactions that go round, and processes that create what begins another of them."""
    yield from _reactions_that_go_round(model)
    yield from _processes_that_multiply(model)


def _reactions_that_go_round(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield each circle of reactions once."""
    found: set[str] = set()
    reactions = dict(_reactions(model))
    for start in reactions:
        path = [start]
        while (following := reactions.get(path[-1])) and following not in path:
            path.append(following)
        if following == start and start not in found:
            found |= set(path)
            way = " -> ".join([*path, start])
            message = f"these reactions go round for ever: {way}; let one record another event"
            yield ("subscriptions", start, "behavior"), message


def _processes_that_multiply(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield commands that create an aggregate whose event begins another such process.

    Commands that create nothing lead back to the same process, which begins once.
    """
    causes = [*_reactions(model), *_effects(model)]
    for process, _ in located_processes(model):
        for command, location in located_commands(process):
            if not isinstance(command, OwnCommand) or not command.command.behavior.creates:
                continue
            created = _recorded(command.aggregate, command.command.behavior)
            if process.begins_on.wire_type in _following(created, causes):
                message = (
                    f"{command.name} leads to {process.begins_on.plain_name}, which begins another "
                    f"{process.name}, and so on for ever: begin with another event"
                )
                yield location, message


def _reactions(model: Model) -> Causes:
    return [
        (each.wire_type, recorded)
        for aggregate, each, _ in located_subscriptions(model)
        for recorded in _recorded(aggregate, each.behavior)
    ]


def _effects(model: Model) -> Causes:
    """Return the events that begin processes, and those that the commands of these record."""
    return [
        (process.begins_on.wire_type, recorded)
        for process in model.processes
        for each in process.sends
        if isinstance(each, OwnCommand)
        for recorded in _recorded(each.aggregate, each.command.behavior)
    ]


def _recorded(aggregate: Aggregate, behavior: Behavior) -> list[str]:
    """Return the wire type of the event that a behaviour records; none if that is not declared."""
    return [each.wire_type for each in aggregate.events if each.name == behavior.records]


def _following(events: Sequence[str], causes: Causes) -> set[str]:
    """Return events, and all that may follow from them."""
    found = set(events)
    while more := {effect for cause, effect in causes if cause in found} - found:
        found |= more
    return found
