"""The two services: a library, whose errands lead through a post office."""

import functools
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import carafe
from carafe.api.handlers import Handlers
from carafe.contracts.base import Command, CommandResult
from carafe.contracts.envelope import CommandContext, DueTimer
from carafe.contracts.integration_events import IntegrationEvent
from carafe.domain.derived_ids import derived_id
from carafe.domain.errors import NotFound
from carafe.domain.process import process_id
from carafe.domain.timers import Timer
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change, create
from carafe.infrastructure.cqrs.mediator import CommandHandler, EventHandler, TimerHandler
from carafe.infrastructure.cqrs.processes import advance, begin, deadlines, refusal
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.service import Service

from . import library, post
from .contracts import (
    LIBRARY,
    OUTGOING,
    POST,
    RECEIVED,
    SCOPE,
    VERBS,
    Act,
    CopyNoteCommand,
    ErrandWantedV1,
    NotedV1,
    PostRefused,
    RungV1,
    WorkedV1,
)


class ShelfRepository(MongoRepository[library.Shelf]):
    """Keeps shelves."""

    aggregate = library.Shelf


class ErrandRepository(MongoRepository[library.Errand]):
    """Keeps errands."""

    aggregate = library.Errand


class DeskRepository(MongoRepository[post.Desk]):
    """Keeps desks."""

    aggregate = post.Desk


class SimulatedService(Service[carafe.Settings]):
    """A service whose settings are made up."""

    def read_settings(self) -> carafe.Settings:
        """Return settings that lead to the simulated servers."""
        return self._made_up

    @functools.cached_property
    def _made_up(self) -> carafe.Settings:
        addresses = {
            "MONGO_URI": f"mongodb://{self.name}/?replicaSet=simulated",
            "RABBITMQ_URL": "amqp://simulated",
            "NUDGE_QUEUE_URL": f"https://sqs/{self.name}-nudges",
            "COMMAND_QUEUE_URL": f"https://sqs/{self.name}-commands",
            "TOKEN_ISSUER": "https://simulated",
        }
        return self.settings.read(addresses, self.name)


def library_handlers(container: Container[Any]) -> Handlers:
    """Return the handlers of the library."""
    return Handlers(
        commands=[shelf_commands(container)],
        events=[errand_events(container)],
        timers=[timers(container)],
    )


def shelf_commands(container: Container[Any]) -> dict[type[Command], CommandHandler]:
    """Return the handlers of what is done with shelves."""
    shelves, clock = container.repository(library.Shelf), container.clock

    def act(command: Act, context: CommandContext) -> CommandResult:
        def apply(shelf: library.Shelf) -> None:
            _apply(command, shelf, clock())

        def make(identifier: str) -> library.Shelf:
            shelf = library.Shelf(id=identifier)
            apply(shelf)
            return shelf

        if not command.shelf:
            return create(shelves, context, make)
        return change(shelves, command.shelf, context, apply, delete=command.is_last)

    def copy_note(command: CopyNoteCommand, context: CommandContext) -> CommandResult:
        return change(
            shelves, command.shelf, context, lambda each: each.note(command.name, 1, at=clock())
        )

    return {Act: act, CopyNoteCommand: copy_note}


def timers(container: Container[Any]) -> dict[type[Timer], TimerHandler]:
    """Return the handlers of timers."""
    shelves, clock = container.repository(library.Shelf), container.clock
    errands = container.repository(library.Errand)

    def ring(timer: DueTimer, context: CommandContext) -> CommandResult:
        def apply(shelf: library.Shelf) -> None:
            shelf.ring(timer.key, timer.due, at=clock())

        return change(shelves, timer.aggregate_id, context, apply)

    return {library.Alarm: ring, library.ErrandOverdue: deadlines(errands, clock)}


def errand_events(container: Container[Any]) -> dict[type[IntegrationEvent], EventHandler]:
    """Return the handlers of what concerns errands."""
    errands, clock = container.repository(library.Errand), container.clock

    def wanted(event: ErrandWantedV1, context: CommandContext) -> CommandResult:
        return begin(
            errands,
            process_id(library.Errand, event.errand),
            context,
            lambda each: library.Errand.of(each, event.errand, event.mood, at=clock()),
        )

    def worked(event: WorkedV1, context: CommandContext) -> CommandResult:
        identifier = process_id(library.Errand, event.errand)
        return advance(errands, identifier, context, lambda each: each.done(event.what, at=clock()))

    def refused(event: PostRefused, context: CommandContext) -> CommandResult:
        return refusal(errands, event, context, clock)

    return {ErrandWantedV1: wanted, WorkedV1: worked, PostRefused: refused}


def _apply(command: Act, shelf: library.Shelf, at: datetime) -> None:
    """Do with a shelf what a command says."""
    shelf.note(command.name, command.events, at=at)
    if command.copy_to:
        shelf.copy_note(command.name, command.copy_to)
    if command.errand:
        shelf.want_errand(command.name, command.errand, at=at)
    if command.alarm:
        shelf.set_alarm(command.alarm, timedelta(seconds=command.seconds), at=at)
    if command.cancel:
        shelf.cancel_alarm(command.cancel)


def post_handlers(container: Container[Any]) -> Handlers:
    """Return the handlers of the post office."""
    desks, clock = container.repository(post.Desk), container.clock

    def working(verb: str) -> EventHandler:
        def work(command: Any, context: CommandContext) -> CommandResult:  # noqa: ANN401 - made above
            identifier = desk_id(command.errand)

            def apply(desk: post.Desk) -> None:
                desk.work(verb, command.mood, at=clock())

            try:
                return change(desks, identifier, context, apply)
            except NotFound:
                desk = post.Desk(id=identifier, errand=command.errand)
                apply(desk)
                return desks.add(desk, context)

        return work

    return Handlers(events=[{RECEIVED[verb]: working(verb) for verb in VERBS}])


def desk_id(errand: str) -> str:
    """Return the id of the desk where an errand is worked on."""
    return derived_id("desk", errand)


MAKERS: Mapping[str, Callable[[Container[Any]], Handlers]] = {
    LIBRARY: library_handlers,
    POST: post_handlers,
}


def declared() -> dict[str, SimulatedService]:
    """Declare both services, by name."""
    of_library = SimulatedService(
        name=LIBRARY,
        version="1.0.0",
        settings=carafe.Settings,
        root=Path("/nowhere"),
        repositories={
            library.Shelf: f"{__name__}:ShelfRepository",
            library.Errand: f"{__name__}:ErrandRepository",
        },
        published={
            library.Noted: NotedV1,
            library.Ring: RungV1,
            library.ErrandWanted: ErrandWantedV1,
        },
        sent={
            **{command: OUTGOING[verb] for verb, command in VERBS.items()},
            library.CopyNote: CopyNoteCommand,
        },
        subscribed=[ErrandWantedV1, WorkedV1, PostRefused],
        scopes={SCOPE},
    )
    of_post = SimulatedService(
        name=POST,
        version="1.0.0",
        settings=carafe.Settings,
        root=Path("/nowhere"),
        repositories={post.Desk: f"{__name__}:DeskRepository"},
        published={post.Worked: WorkedV1},
        subscribed=list(RECEIVED.values()),
    )
    services = {LIBRARY: of_library, POST: of_post}
    for each in services.values():
        each.read_settings()  # copies share what is read
    return services
