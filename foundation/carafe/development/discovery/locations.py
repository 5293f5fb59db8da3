"""Where the parts of a model stand in its file."""

from collections.abc import Iterator

from .model import Aggregate, ExternalService, Model, Value
from .source import Location


def located_aggregates(model: Model) -> Iterator[tuple[Aggregate, Location]]:
    """Yield the aggregates with their locations."""
    for aggregate in model.aggregates:
        yield aggregate, ("aggregates", aggregate.name)


def located_values(model: Model) -> Iterator[tuple[Value, Location]]:
    """Yield the value objects and entities with their locations."""
    for name, value in model.values.items():
        yield value, ("entities" if value.is_entity else "values", name)


def located_services(model: Model) -> Iterator[tuple[ExternalService, Location]]:
    """Yield the external services with their locations."""
    for service in model.external_services:
        yield service, ("external_services", service.name)
