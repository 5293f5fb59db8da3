"""A combination of attributes is unique among the aggregates that an index's condition lets in."""

import itertools
from enum import Enum
from typing import Any

import pytest
from pymongo.errors import DuplicateKeyError

from carafe.domain.model import AggregateRoot, Index, schema
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.memory.memory_repository import MemoryRepository
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.database.mongo.schema_sync import apply, plan
from carafe.infrastructure.identifiers import new_id
from carafe.testing.contexts import a_context
from carafe.testing.stores import CURSORS, Nudged, Store
from carafe.testing.suites.repository.uniqueness import Uniqueness

MARK = "phase_is_booked_or_held"


class Phase(Enum):
    """Where a visit stands."""

    BOOKED = "booked"
    HELD = "held"
    CANCELLED = "cancelled"


@schema(
    collection="visits",
    indexes=(
        Index(("doctor", "number"), unique=True, only_where=(("phase", ("booked", "held")),)),
        Index(("room", "number"), unique=True, only_where=(("phase", "booked"),)),
    ),
)
class Visit(AggregateRoot):
    """Two combinations of it are unique: with a choice of values, and with a single one."""

    doctor: str
    room: str
    number: int
    phase: Phase = Phase.BOOKED


class VisitRepository(MongoRepository[Visit]):
    """Keeps visits."""

    aggregate = Visit


class VisitsInMemory(MemoryRepository[Visit]):
    """Keeps visits in memory."""

    aggregate = Visit


_numbers = itertools.count(1)


def a_visit(**changes: Any) -> Visit:  # noqa: ANN401 - of any attribute
    usual: dict[str, Any] = {"doctor": new_id(), "room": new_id(), "number": 1}
    return Visit(id=new_id(), **usual | changes)


@pytest.fixture
def visits(service: Container[Any]) -> VisitRepository:
    apply(plan(service.database, Visit))
    return VisitRepository(service.database, service.outbox, service.nudge, service.cursors)


class TestUniqueness(Uniqueness[Visit]):
    """What the suite of repositories promises of what is unique, in both stores."""

    aggregate = Visit
    an_aggregate = staticmethod(a_visit)

    @pytest.fixture(params=["memory", "mongo"])
    def store(self, request: pytest.FixtureRequest) -> Store[Visit]:
        if request.param == "mongo":
            repository = request.getfixturevalue("visits")
            return Store(repository, lambda _identifier: [], Nudged())
        service: Container[Any] = request.getfixturevalue("service")
        in_memory = VisitsInMemory(service.outbox, Nudged(), CURSORS)
        return Store(in_memory, in_memory.pending, Nudged())


def marks_in(visits: VisitRepository) -> object:
    document = visits.collection.find_one()
    assert document is not None
    return document.get("_marks")


def test_each_commit_notes_whether_a_choice_is_met(visits: VisitRepository) -> None:
    visit = a_visit()
    visits.add(visit, a_context())
    assert marks_in(visits) == {MARK: True}
    visit.phase = Phase.CANCELLED
    visits.save(visit, a_context())
    assert marks_in(visits) == {}
    visit.phase = Phase.HELD
    visits.save(visit, a_context())
    assert marks_in(visits) == {MARK: True}
    visits.delete(visit, a_context())
    assert marks_in(visits) == {}


def test_marks_of_others_stay(visits: VisitRepository) -> None:
    visit = a_visit()
    visits.add(visit, a_context())
    visits.collection.update_one({}, {"$set": {"_marks.later": 1}})
    visit.phase = Phase.CANCELLED
    visits.save(visit, a_context())
    assert marks_in(visits) == {"later": 1}


@pytest.mark.parametrize(
    ("phase", "wrong", "right"),
    [(Phase.BOOKED, {}, {MARK: True}), (Phase.CANCELLED, {MARK: True}, {})],
)
def test_documents_of_code_without_the_index_are_found_and_marked(
    visits: VisitRepository, phase: Phase, wrong: dict[str, bool], right: dict[str, bool]
) -> None:
    visits.add(a_visit(phase=phase), a_context())
    visits.collection.update_one({}, {"$set": {"_marks": wrong}})
    database = visits.collection.database
    (change,) = plan(database, Visit)
    assert f"_marks.{MARK} in documents" in change.summary
    assert apply([change]) == []
    assert marks_in(visits) == right
    assert plan(database, Visit) == []


def test_the_index_is_not_made_over_two_who_share_what_is_unique(
    visits: VisitRepository,
) -> None:
    first = a_visit()
    visits.add(first, a_context())
    visits.collection.drop_index("doctor_1_number_1")
    visits.add(a_visit(doctor=first.doctor), a_context())
    with pytest.raises(DuplicateKeyError):
        apply(plan(visits.collection.database, Visit))
