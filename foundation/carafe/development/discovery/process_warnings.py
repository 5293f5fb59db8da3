"""Warnings of events that may come before their process, or its step, waits for them.

Such an event is held back for some minutes, and then parked. That is right for one that overtook
another on its way, but not for one that may happen at any time.
"""

from collections.abc import Iterator

from .lifecycle import steps_before
from .locations import located_answers, located_events, located_processes
from .model import Aggregate, Model
from .process_model import InboxEvent, Process, Step, event_key
from .source import Location


def process_warnings(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield events of this service that may come too early."""
    owners = {
        event.wire_type: aggregate for aggregate in model.aggregates for event in aggregate.events
    }
    for process, _ in located_processes(model):
        for event, location in located_events(process):
            if _may_precede(event, process.begins_on, owners):
                message = (
                    f"{event_key(event)} may come although no {event_key(process.begins_on)} has "
                    f"begun {process.name}, and is parked then: begin with an earlier event"
                )
                yield location, message
        for step, event, _, location in located_answers(process):
            for earlier in _answers_before(step, process):
                if _is_independent(event, earlier, owners):
                    message = (
                        f"{event_key(event)} may come before {event_key(earlier)}, while "
                        f"{process.name} does not wait for it yet, and is parked then: put it into "
                        "`undone_on`, which holds at any time, or let the step ask for it"
                    )
                    yield location, message


def _answers_before(step: Step, process: Process) -> list[InboxEvent]:
    """Return the answers that lead to a step which only waits; none if it asks for something."""
    if step.sends is not None:
        return []
    return [event for _, event, name, _ in located_answers(process) if name == step.name]


def _is_independent(event: InboxEvent, earlier: InboxEvent, owners: dict[str, Aggregate]) -> bool:
    """Return whether callers or timers may let an event happen before another one has come."""
    if event.wire_type not in owners:
        return False
    owner = owners[event.wire_type]
    if owners.get(earlier.wire_type) is owner:
        return _may_precede(event, earlier, owners)
    called = [
        *(each.behavior for each in owner.commands),
        *(each.behavior for each in owner.timers),
    ]
    return any(each.records == event.plain_name for each in called)


def _may_precede(event: InboxEvent, other: InboxEvent, owners: dict[str, Aggregate]) -> bool:
    """Return whether an aggregate may record an event before another of its events, or without."""
    aggregate = owners.get(event.wire_type)
    if aggregate is None or owners.get(other.wire_type) is not aggregate or event == other:
        return False
    if aggregate.creation.records == other.plain_name:
        return False
    allowed = {each.name for each in aggregate.behaviors if each.records != other.plain_name}
    return any(
        each.creates or steps_before(aggregate, each, allowed) is not None
        for each in aggregate.behaviors
        if each.records == event.plain_name
    )
