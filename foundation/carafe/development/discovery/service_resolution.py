"""Resolves the external services of a model."""

from collections.abc import Iterator

from .external_model import ExternalService, Operation, ServiceRefusal
from .names import camel, sentence
from .source import Location
from .type_resolution import Entries, TypeResolver


def resolve_service(name: str, entries: Entries, types: TypeResolver) -> ExternalService:
    """Return an external service."""
    location: Location = ("external_services", name, "operations")
    operations = tuple(
        _operation(name, each, (*location, each), operation, types)
        for each, operation in entries["operations"].items()
    )
    return ExternalService(name, sentence(entries["description"]), operations)


def _operation(
    service: str, name: str, location: Location, entries: Entries, types: TypeResolver
) -> Operation:
    method, _, path = entries["request"].partition(" ")
    takes, returns = entries.get("takes", {}), entries.get("returns", {})
    return Operation(
        name=name,
        description=sentence(entries["description"]),
        method=method,
        path=path,
        takes=types.attributes(takes, (*location, "takes"), camel(name)),
        returns=types.attributes(returns, (*location, "returns"), camel(name)),
        refusals=tuple(_refusals(entries.get("refusals", {}))),
        service=service,
    )


def _refusals(entries: Entries) -> Iterator[ServiceRefusal]:
    for code, refusal in entries.items():
        yield ServiceRefusal(code, sentence(refusal["description"]), int(refusal["status"]))
