"""Where the parts of a model stand in its file."""

from collections.abc import Iterator

from .model import Aggregate, ExternalService, Model, Subscription, Value
from .process_model import InboxEvent, OwnCommand, Process, SentCommand, Step, event_key
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


def located_subscriptions(model: Model) -> Iterator[tuple[Aggregate, Subscription, Location]]:
    """Yield the subscriptions with the aggregates that follow them, and with their locations."""
    for aggregate in model.aggregates:
        for each in aggregate.subscriptions:
            yield aggregate, each, ("subscriptions", each.wire_type)


def located_processes(model: Model) -> Iterator[tuple[Process, Location]]:
    """Yield the processes with their locations."""
    for process in model.processes:
        yield process, ("processes", process.name)


def located_collections(model: Model) -> Iterator[tuple[Aggregate | Process, Location]]:
    """Yield what has a collection of its own, with its location."""
    yield from located_aggregates(model)
    yield from located_processes(model)


def located_steps(process: Process) -> Iterator[tuple[Step, Location]]:
    """Yield the steps of a process with their locations."""
    for step in process.steps:
        yield step, ("processes", process.name, "steps", step.name)


def located_answers(process: Process) -> Iterator[tuple[Step, InboxEvent, str, Location]]:
    """Yield the answers of a process: their step, their event, what follows, and the location."""
    for step, location in located_steps(process):
        for event, following in step.answers:
            yield step, event, following, (*location, "answers", event_key(event))


def located_events(process: Process) -> Iterator[tuple[InboxEvent, Location]]:
    """Yield each mention of an event in a process with its location."""
    yield process.begins_on, ("processes", process.name, "begins_on")
    yield from ((event, location) for _, event, _, location in located_answers(process))
    for step, location in located_steps(process):
        if step.undo is not None and step.undo.answer is not None:
            yield step.undo.answer, (*location, "undo", "answer")
    for position, event in enumerate(process.undone_on):
        yield event, ("processes", process.name, "undone_on", position)


def located_commands(process: Process) -> Iterator[tuple[SentCommand | OwnCommand, Location]]:
    """Yield each mention of a command in a process with its location."""
    for step, location in located_steps(process):
        if step.sends is not None:
            yield step.sends, (*location, "sends")
        if step.undo is not None:
            yield step.undo.sends, (*location, "undo", "sends")
