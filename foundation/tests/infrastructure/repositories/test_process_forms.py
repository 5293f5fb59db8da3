"""Processes in every store: they come back as they were added, and old versions are read."""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from carafe.development.servers.stack import Stack
from carafe.development.stored_forms.comparison import changes_between
from carafe.development.stored_forms.snapshot import Snapshot, snapshot_of
from carafe.domain.model import schema
from carafe.domain.process_state import ProcessStatus
from carafe.domain.steps import UnknownStep
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.service import Service
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from carafe.testing.stores import Store, in_memory, in_mongo
from carafe.testing.suites.repository import MemoryRepositoryTests, RepositoryTests
from tests.support.reminding import (
    BLOCKING,
    SENDING,
    Reminding,
    a_reminding,
    reminding_id,
    waits_for_return,
)
from tests.support.reminding_forms import RenamedReminding, RenamedRemindingRepository
from tests.support.reminding_library import library_of, told_by
from tests.support.two_services import a_name, wired

NUMBERS = itertools.count()

UPCASTER = "set version=2 in @schema and write an upcaster from 1"
LATER = "in the release after this one, when no older code runs any more"


class Remindings:
    """What the suites need to know of a process."""

    aggregate = Reminding

    def an_aggregate(self) -> Reminding:
        reminding = a_reminding(f"l-{next(NUMBERS)}", at=NOON)
        reminding.card_blocked(at=NOON)
        return reminding

    def examples(self) -> list[Reminding]:
        completed, undone, stuck = (self.an_aggregate() for _ in range(3))
        completed.end(at=NOON)
        undone.undo("enough", at=NOON)
        undone.confirm_undo(BLOCKING, at=NOON)
        stuck.undo("enough", at=NOON)
        stuck.pass_deadline("blocking", at=NOON)
        return [self.an_aggregate(), completed, undone, stuck]

    @pytest.fixture
    def declared(self) -> Service[Any]:
        """The library."""
        return library_of(told_by("library", "members", "post"), "library")


class TestInMemory(Remindings, MemoryRepositoryTests[Reminding]):
    """The promises of the in-memory repository."""

    @pytest.fixture
    def store(self, declared: Service[Any]) -> Store[Reminding]:
        return in_memory(Reminding, declared)


class TestInMongo(Remindings, RepositoryTests[Reminding]):
    """The promises of the repository on a real database."""


@pytest.fixture(scope="class")
def class_container(stack: Stack) -> Iterator[Container[Any]]:
    """The library on a database, for all tests of a class."""
    yield from library_on(stack)


def library_on(stack: Stack) -> Iterator[Container[Any]]:
    """Yield the library on a database of its own."""
    name = a_name("library")
    nowhere = f"{stack.environment['AWS_ENDPOINT_URL']}/nobody/listens"
    environment: Mapping[str, str] = {
        **stack.environment,
        "NUDGE_QUEUE_URL": nowhere,
        "COMMAND_QUEUE_URL": nowhere,
        "TOKEN_AUDIENCE": "x",
    }
    container = wired(library_of(told_by(name, "members", "post"), name), environment)
    container.prepare_database()
    yield container
    container.database.client.drop_database(name)
    container.close()


# Versions


@pytest.fixture
def library(stack: Stack) -> Iterator[Container[Any]]:
    yield from library_on(stack)


def next_version(
    library: Container[Any], kind: type[MongoRepository[Any]] = RenamedRemindingRepository
) -> MongoRepository[Any]:
    """Return the repository of the next version, on the same database."""
    sent = library.outbox
    return kind(library.database, sent, lambda *_: None, library.cursors, library.clock)


def test_an_instance_of_an_earlier_version_goes_on(library: Container[Any]) -> None:
    process = a_reminding(at=NOON)
    process.card_blocked(at=NOON)
    in_mongo(Reminding, library).repository.add(process, a_context())
    repository = next_version(library)
    found: RenamedReminding = repository.get(process.id)
    assert [each.name for each in found.step_records] == ["blocking", "mailing"]
    found.undo("enough", at=NOON)
    repository.save(found, a_context())
    again = repository.get(process.id)
    assert (again.status, again.command_ids[:2]) == (ProcessStatus.UNDOING, process.command_ids)


def test_without_an_upcaster_a_renamed_step_is_a_clear_error_and_changes_nothing(
    library: Container[Any],
) -> None:
    process = waits_for_return(at=NOON)
    in_mongo(Reminding, library).repository.add(process, a_context())
    bare = type("Careless", (RenamedReminding,), {"__annotations__": {}})
    careless: type[RenamedReminding] = schema(collection="remindings")(bare)
    kind = type("CarelessRepository", (MongoRepository,), {"aggregate": careless})
    repository = next_version(library, kind)
    found = repository.get(process.id)
    with pytest.raises(UnknownStep, match="There is no step sending: keep it in STEPS"):
        found.undo("enough", at=NOON)
    assert library.repository(Reminding).get(reminding_id("l-1")).status is ProcessStatus.RUNNING


def with_steps(*steps: str, version: int = 1) -> Snapshot:
    (form,) = snapshot_of([Reminding]).values()
    return {"remindings": form | {"steps": list(steps), "version": version}}


def test_the_steps_of_a_process_are_released_with_its_form() -> None:
    assert snapshot_of([Reminding])["remindings"]["steps"] == [
        BLOCKING.name,
        SENDING.name,
        "return",
    ]


def test_a_released_step_that_goes_needs_a_new_version() -> None:
    released, present = with_steps("blocking", "sending"), with_steps("blocking", "mailing")
    gone, new = changes_between(released, present)
    assert (gone.is_breaking, str(gone)) == (
        True,
        "Reminding may have begun the step 'sending' in stored documents: keep it, or " + UPCASTER,
    )
    assert (new.is_breaking, str(new)) == (
        False,
        "Reminding has the step 'mailing' now, which older code cannot undo: begin it " + LATER,
    )


def test_with_a_new_version_steps_may_go() -> None:
    released, present = with_steps("blocking", "sending"), with_steps("blocking", version=2)
    assert [each.is_breaking for each in changes_between(released, present)] == [False]
