"""02 - Domain Discovery: the aggregates, what happens to them, and diagrams of both.

Before there is code, they are those of the model. That its events are recorded, its behaviours
record events, and all of it is described is required of every model that has no faults.
"""

import functools
from collections.abc import Callable, Iterator
from pathlib import Path

from carafe.development.diagrams.command import FOLDER
from carafe.development.diagrams.model import aggregates, events, summary
from carafe.development.diagrams.source import behaviours, recorders
from carafe.development.discovery.planned import planned_model
from carafe.domain.process import Process

from .needs import Need, stale_diagrams


def missing_behaviours() -> Iterator[str]:
    """Yield that there is no aggregate, or aggregates without behaviours."""
    numbers = {each.__name__: len(behaviours(each)) for each in aggregates()}
    if model := planned_model():
        numbers = {each.name: len(each.behaviors) for each in model.aggregates}
    if not numbers:
        yield "there is no aggregate: describe one in model.yaml, or write it in chalicelib/domain"
    for name, number in numbers.items():
        if number == 0:
            yield f"{name} does nothing: give it a behaviour"


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


def stale_pictures(name: str) -> Callable[[], list[str]]:
    """Return a check for a diagram that differs from the code, or before that from the model."""

    def check() -> list[str]:
        if planned_model() is None:
            return stale_diagrams(name)()
        path = FOLDER / name
        is_current = path.exists() and path.read_text(encoding="utf-8") == _planned_diagrams()[name]
        return [] if is_current else [f"{path} is stale: run `carafe discover`"]

    return check


@functools.cache
def _planned_diagrams() -> dict[str, str]:
    """Return the diagrams of the model; drawing them takes seconds."""
    # The generator, which a service with code needs not.
    from carafe.development.discovery.drawing import draw  # noqa: PLC0415

    model = planned_model()
    return draw(model, Path()) if model else {}


NEEDS = (
    Need("there are aggregates, and each does something", missing_behaviours),
    Need("every event is recorded by an aggregate", unrecorded_events),
    Need("every behaviour records an event", silent_behaviours),
    Need("aggregates, events and behaviours are described", missing_descriptions),
    Need("diagrams/domain.md is current", stale_pictures("domain.md")),
    Need("diagrams/events.md is current", stale_pictures("events.md")),
    Need("diagrams/behaviors.md is current", stale_pictures("behaviors.md")),
)
