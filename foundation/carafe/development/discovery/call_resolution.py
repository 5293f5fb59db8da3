"""Resolves which external services the commands of aggregates call."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .external_model import Argument, ExternalService, Operation, ServiceCall
from .faults import Faults
from .model import Aggregate, Attribute, Behavior, Command
from .source import Location
from .suggestions import did_you_mean
from .type_resolution import Entries


def with_calls(
    aggregates: Sequence[Aggregate],
    services: Sequence[ExternalService],
    data: Entries,
    faults: Faults,
) -> tuple[Aggregate, ...]:
    """Return the aggregates with the calls of their commands."""
    operations = {
        f"{service.name}.{each.name}": each for service in services for each in service.operations
    }

    def called(aggregate: Aggregate) -> Iterator[Command]:
        for command in aggregate.commands:
            entries = data["aggregates"][aggregate.name]["commands"][command.name].get("calls")
            location: Location = ("aggregates", aggregate.name, "commands", command.name, "calls")
            if entries is None:
                yield command
            elif operation := operations.get(entries["operation"]):
                resolver = CallResolver(aggregate, command.behavior, operation, location, faults)
                yield replace(command, call=resolver.resolve(entries))
            else:
                known = ", ".join(operations) or "no external service"
                name = entries["operation"]
                message = f"there is no operation {name}; the model has {known}"
                faults.add((*location, "operation"), message + did_you_mean(name, operations))
                yield command

    return tuple(replace(each, commands=tuple(called(each))) for each in aggregates)


@dataclass(frozen=True)
class CallResolver:
    """Resolves one call.

    Attributes:
        aggregate: whose behaviour follows.
        behavior: that follows.
        operation: that is called.
        location: of the call.
        faults: of the model.
    """

    aggregate: Aggregate
    behavior: Behavior
    operation: Operation
    location: Location
    faults: Faults

    def resolve(self, entries: Entries) -> ServiceCall:
        """Return the call; what it lacks is left out, and a fault."""
        gives = dict(self._gives(entries.get("gives", {})))
        words = entries.get("with", {})
        taken = {each.name for each in self.operation.takes}
        for name in words.keys() - taken:
            message = f"{self.operation.name} takes no {name}{did_you_mean(name, taken)}"
            self._add(("with", name), message)
        arguments = dict(self._arguments(words, gives))
        return ServiceCall(self.operation, arguments, gives)

    def _gives(self, words: Mapping[str, str]) -> Iterator[tuple[str, Attribute]]:
        parameters = {each.name: each for each in self.behavior.takes}
        returned = {each.name: each for each in self.operation.returns}
        for name, field in words.items():
            if name not in parameters:
                message = f"{self.behavior.name} takes no {name}{did_you_mean(name, parameters)}"
                self._add(("gives", name), message)
            elif field not in returned:
                known = ", ".join(returned) or "nothing"
                message = f"{self.operation.name} returns no {field}; it returns {known}"
                self._add(("gives", name), message + did_you_mean(field, returned))
            else:
                yield name, returned[field]

    def _arguments(
        self, words: Mapping[str, str], gives: Mapping[str, Attribute]
    ) -> Iterator[tuple[str, Argument]]:
        fields = {each.name: each for each in self.behavior.takes if each.name not in gives}
        attributes = {} if self.behavior.creates else {a.name: a for a in self.aggregate.attributes}
        for parameter in self.operation.takes:
            name = words.get(parameter.name, parameter.name)
            if name in fields:
                yield parameter.name, Argument(fields[name], is_field=True)
            elif name in attributes:
                yield parameter.name, Argument(attributes[name])
            elif name == "id":
                yield parameter.name, Argument(None)
            elif not parameter.type.optional or parameter.name in words:
                self._add_missing(parameter, name, words)

    def _add_missing(self, parameter: Attribute, name: str, words: Mapping[str, str]) -> None:
        place = ("with", parameter.name) if parameter.name in words else ("operation",)
        where = self.behavior.name
        if not self.behavior.creates:
            where = f"{where} or {self.aggregate.name}"
        message = f"{self.operation.name} takes {parameter.name}, but there is no {name} in {where}"
        self._add(place, f"{message}: say where it comes from in `with:`")

    def _add(self, place: Location, message: str) -> None:
        self.faults.add((*self.location, *place), message)
