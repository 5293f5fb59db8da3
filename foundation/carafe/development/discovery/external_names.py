"""The names of classes that external services bring."""

from collections.abc import Iterator

from .external_model import ExternalService
from .source import Location


def external_class_names(
    service: ExternalService, location: Location
) -> Iterator[tuple[Location, str]]:
    """Yield the errors and results of a service's operations, each name once."""
    yield location, f"{service.name}Answer"  # a variable of handlers, and no class
    yield location, f"{service.name}Stub"
    for each in service.operations:
        place = (*location, "operations", each.name)
        if each.result:
            yield (*place, "returns"), each.result
    for refusal in service.refusals:
        yield _place_of(refusal.code, service, location), refusal.name


def _place_of(code: str, service: ExternalService, location: Location) -> Location:
    """Return the first place of a refusal."""
    operation = next(
        each for each in service.operations if code in {other.code for other in each.refusals}
    )
    return (*location, "operations", operation.name, "refusals", code)
