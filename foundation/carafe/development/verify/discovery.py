"""02 - Domain Discovery: what there is, what happens to it, and pictures of both."""

from collections.abc import Iterator

from carafe.development.diagrams.model import aggregates, events, summary
from carafe.development.diagrams.source import behaviours, raisers

from .needs import Need, current


def something() -> Iterator[str]:
    """Yield a complaint about an empty domain."""
    if not aggregates():
        yield "chalicelib/domain has no aggregate: write one, or run `carafe scaffold`"
    for aggregate in aggregates():
        if not behaviours(aggregate):
            yield f"{aggregate.__name__} does nothing: give it a behaviour"


def recorded() -> Iterator[str]:
    """Yield events that nothing records."""
    for event in events():
        if event not in raisers():
            yield f"{event.__name__} is recorded by no aggregate: record it, or remove it"


def announced() -> Iterator[str]:
    """Yield behaviours that change something and tell nobody."""
    for aggregate in aggregates():
        for each in behaviours(aggregate):
            if not each.events:
                name = f"{aggregate.__name__}.{each.name}"
                yield f"{name} changes something and records no event"


def described() -> Iterator[str]:
    """Yield classes and behaviours that are not described."""
    for declared in (*aggregates(), *events()):
        # A dataclass without a docstring gets its signature for one.
        if not summary(declared) or summary(declared).startswith(f"{declared.__name__}("):
            yield f"{declared.__name__} has no description: say what it is in a sentence"
    for aggregate in aggregates():
        for each in behaviours(aggregate):
            if not summary(getattr(aggregate, each.name)):
                yield f"{aggregate.__name__}.{each.name} has no description"


NEEDS = (
    Need("there are aggregates, and each does something", something),
    Need("every event is recorded by an aggregate", recorded),
    Need("every behaviour records an event", announced),
    Need("aggregates, events and behaviours are described", described),
    Need("diagrams/domain.md is current", current("domain.md")),
    Need("diagrams/events.md is current", current("events.md")),
    Need("diagrams/behaviors.md is current", current("behaviors.md")),
)
