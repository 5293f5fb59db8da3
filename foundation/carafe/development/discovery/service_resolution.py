"""Resolves the external services of a model."""

from .model import ExternalService, Operation
from .names import camel, sentence
from .source import Location
from .type_resolution import Entries, TypeResolver


def resolve_service(name: str, entries: Entries, types: TypeResolver) -> ExternalService:
    """Return an external service."""
    location: Location = ("external_services", name, "operations")
    operations = tuple(
        _operation(each, operation, (*location, each), types)
        for each, operation in entries["operations"].items()
    )
    return ExternalService(name, sentence(entries["description"]), operations)


def _operation(name: str, entries: Entries, location: Location, types: TypeResolver) -> Operation:
    method, _, path = entries["request"].partition(" ")
    takes, returns = entries.get("takes", {}), entries.get("returns", {})
    fields = types.attributes(returns, (*location, "returns"), camel(name))
    return Operation(
        name=name,
        description=sentence(entries["description"]),
        method=method,
        path=path,
        takes=types.attributes(takes, (*location, "takes"), camel(name)),
        returns=fields[0] if fields else None,
    )
