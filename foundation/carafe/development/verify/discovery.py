"""02 - Domain Discovery: the aggregates, what happens to them, and diagrams of both."""

from collections.abc import Iterator

from carafe.development.diagrams.model import aggregates, events, summary
from carafe.development.diagrams.source import behaviours, recorders
from carafe.domain.process import Process

from .needs import Need, stale_diagrams


def missing_behaviours() -> Iterator[str]:
    """Yield that the domain is empty, or aggregates without behaviours."""
    if not aggregates():
        yield "chalicelib/domain has no aggregate: write one, or run `carafe scaffold`"
    for aggregate in aggregates():
        if not behaviours(aggregate):
            yield f"{aggregate.__name__} does nothing: give it a behaviour"


def unrecorded_events() -> Iterator[str]:
    """Yield events that no behaviour records."""
    for event in events():
        if event not in recorders():
            yield f"{event.__name__} is recorded by no aggregate: record it, or remove it"


def silent_behaviours() -> Iterator[str]:
    """Yield behaviours that change something and tell nobody.

    A command that is sent tells somebody. A timer that is set changes nothing yet, and a process
    keeps its steps for itself.
    """
    for aggregate in aggregates():
        for each in behaviours(aggregate):
            changes = each.changes or each.creates
            if changes and not (each.events or each.commands or issubclass(aggregate, Process)):
                name = f"{aggregate.__name__}.{each.name}"
                yield f"{name} changes something and records no event"


def missing_descriptions() -> Iterator[str]:
    """Yield classes and behaviours without a description."""
    for declared in (*aggregates(), *events()):
        # The docstring of a dataclass defaults to its signature.
        if not summary(declared) or summary(declared).startswith(f"{declared.__name__}("):
            yield f"{declared.__name__} has no description: add a sentence that says what it is"
    for aggregate in aggregates():
        for each in behaviours(aggregate):
            if not summary(getattr(aggregate, each.name)):
                yield f"{aggregate.__name__}.{each.name} has no description"


NEEDS = (
    Need("there are aggregates, and each does something", missing_behaviours),
    Need("every event is recorded by an aggregate", unrecorded_events),
    Need("every behaviour records an event", silent_behaviours),
    Need("aggregates, events and behaviours are described", missing_descriptions),
    Need("diagrams/domain.md is current", stale_diagrams("domain.md")),
    Need("diagrams/events.md is current", stale_diagrams("events.md")),
    Need("diagrams/behaviors.md is current", stale_diagrams("behaviors.md")),
)
