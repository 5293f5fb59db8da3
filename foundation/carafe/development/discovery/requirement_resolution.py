"""Resolves which other aggregates the commands of an aggregate require."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .aggregate_model import Requirement
from .faults import Faults
from .model import Aggregate, Command
from .source import Location
from .suggestions import did_you_mean
from .type_resolution import Entries


def with_requirements(
    aggregates: Sequence[Aggregate], data: Entries, faults: Faults
) -> tuple[Aggregate, ...]:
    """Return the aggregates with what their commands require."""
    names = {each.name for each in aggregates}

    def required(command: Command, entries: Entries, place: Location) -> Iterator[Requirement]:
        fields = {each.name: each for each in command.takes}
        for name, requirement in entries.items():
            other = requirement["aggregate"]
            if name not in fields:
                known = ", ".join(fields) or "no fields"
                message = f"{command.name} has no field {name}; it has {known}"
                faults.add((*place, name), message + did_you_mean(name, fields))
            elif other not in names:
                message = f"there is no aggregate {other}{did_you_mean(other, names)}"
                faults.add((*place, name, "aggregate"), message)
            else:
                yield Requirement(fields[name], other, tuple(requirement.get("status", ())))

    def commands(aggregate: Aggregate) -> Iterator[Command]:
        for each in aggregate.commands:
            place: Location = ("aggregates", aggregate.name, "commands", each.name, "requires")
            entries = data["aggregates"][aggregate.name]["commands"][each.name].get("requires", {})
            yield replace(each, requires=tuple(required(each, entries, place)))

    return tuple(replace(each, commands=tuple(commands(each))) for each in aggregates)
