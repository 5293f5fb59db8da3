"""Validators and indexes are as declared, and every difference is found."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
from bson.decimal128 import Decimal128
from pymongo.database import Database
from pymongo.errors import WriteError

from carafe.domain.model import AggregateRoot, Index, ValueObject, schema
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.codec import codec_for
from carafe.infrastructure.database.criteria import equals
from carafe.infrastructure.database.mongo.indexes import indexes_of
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.database.mongo.schema_sync import apply, plan
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.support.database import recorded_commands
from tests.support.orders import an_order
from tests.support.products import a_product

Document = dict[str, Any]


class Level(Enum):
    """Some members."""

    LOW = "low"
    HIGH = "high"


@schema(tag="card")
class Card(ValueObject):
    """One way to pay."""

    last_digits: str


@schema(tag="transfer")
class Transfer(ValueObject):
    """Another way to pay."""

    iban: str
    moment: datetime


@schema(
    collection="everything",
    indexes=(
        Index(("level", "-moment"), only_where=(("level", "high"),)),
        Index(("moment",), expire_after_seconds=60),
        Index(("token", "level"), unique=True),
        Index(("-moment", "-id")),
    ),
)
class Everything(AggregateRoot):
    """One attribute of every form."""

    token: UUID
    level: Level
    moment: datetime
    means: Card | Transfer
    spare: Card | Transfer | None
    exact: Decimal
    maybe: str | None
    numbers: tuple[int, ...]
    raw: bytes
    flag: bool
    ratio: float
    day: date
    opens: time
    days: tuple[date, ...]
    closes: time | None
    tags: tuple[str, ...] | None = None


def everything() -> Everything:
    return Everything(
        id="e-1",
        token=UUID(int=7),
        level=Level.HIGH,
        moment=NOON,
        means=Transfer(iban="DE02", moment=NOON),
        spare=None,
        exact=Decimal("1.10"),
        maybe=None,
        numbers=(1, 2**40),
        raw=b"\x00",
        flag=True,
        ratio=0.5,
        day=date(2026, 3, 1),
        opens=time(8, 30),
        days=(date(2026, 3, 1), date(2028, 2, 29)),
        closes=None,
    )


def stored(aggregate: AggregateRoot, **changes: object) -> Document:
    """Return a whole document, as a repository writes it."""
    return {
        "_id": aggregate.id,
        "version": 1,
        "schema_version": 1,
        "sequence": 0,
        **codec_for(type(aggregate)).encode(aggregate),
        "pending": [],
        "handled": [],
        **changes,
    }


@pytest.fixture
def database(service: Container[Any]) -> Database[Document]:
    apply(plan(service.database, Everything))
    return service.database


def test_a_prepared_database_differs_in_nothing(service: Container[Any]) -> None:
    assert service.database_plan() == []


def test_only_a_new_collection_gets_all_its_indexes_at_once(service: Container[Any]) -> None:
    """Among many documents, each index may need all the time that a command has."""
    with recorded_commands(service) as sent:
        apply(plan(service.database, Everything))
        service.database["everything"].drop_indexes()
        apply(plan(service.database, Everything))
    assert service.database_plan() == plan(service.database, Everything) == []
    built = [len(each["indexes"]) for each in sent.commands if "createIndexes" in each]
    declared = len(indexes_of(Everything))
    assert built == [declared, *[1] * declared]


def test_every_form_fits_its_validator_and_comes_back(database: Database[Document]) -> None:
    value = everything()
    database["everything"].insert_one(stored(value))
    document = database["everything"].find_one()
    assert document is not None
    decoded = codec_for(Everything).decode(document)
    for name in ("token", "level", "moment", "means", "spare", "exact", "numbers", "raw"):
        assert getattr(decoded, name) == getattr(value, name)
    for name in ("day", "opens", "days", "closes"):
        assert getattr(decoded, name) == getattr(value, name)


@pytest.mark.parametrize(
    "changes",
    [
        {"level": "medium"},
        {"exact": 1.1},
        {"exact": "1.10"},
        {"moment": "2026-03-01"},
        {"day": NOON},
        {"closes": 12},
        {"numbers": ["1"]},
        {"numbers": 1},
        {"means": {"kind": "cash"}},
        {"means": {"kind": "card", "last_digits": "1", "iban": "DE02"}},
        {"means": None},
        {"maybe": 7},
        {"flag": 1},
        {"unknown": 1},
        {"version": 0},
        {"version": "1"},
        {"handled": [{"id": "c"}]},
        {"pending": [{"id": "e"}]},
        {"pending": [{"id": "e", "type": "a.b.c.v1", "sequence": 1, "body": 7}]},
        {"_id": 7},
    ],
)
def test_a_document_of_another_form_is_refused(
    database: Database[Document], changes: dict[str, object]
) -> None:
    with pytest.raises(WriteError, match="failed validation"):
        database["everything"].insert_one(stored(everything(), **changes))


def test_a_missing_attribute_is_refused(database: Database[Document]) -> None:
    document = stored(everything())
    del document["level"]
    with pytest.raises(WriteError, match="failed validation"):
        database["everything"].insert_one(document)


A_TIMER = {"id": "t", "due": NOON, "version": 1, "correlation_id": "", "causation_id": ""}
HANDLED = {"id": "c", "digest": "d", "version": 1, "at": NOON}


@pytest.mark.parametrize(
    "more",
    [
        {"_marks": {"views": [1]}},
        {"handled": [HANDLED | {"newer": 1}]},
        {"timers": [A_TIMER | {"newer": 1}]},
        {"pending": [{"id": "e", "type": "a.b.c.v1", "to": "elsewhere", "newer": 1}]},
    ],
)
@pytest.mark.parametrize("state", [stored(everything()), {"deleted_at": NOON}])
def test_bookkeeping_may_hold_more_than_this_version_knows(
    database: Database[Document], state: Document, more: Document
) -> None:
    """Of a living aggregate, and of a tombstone."""
    bookkeeping = {"_id": "e-1", "version": 1, "schema_version": 1, "sequence": 0}
    lists: Document = {"pending": [], "handled": []}
    database["everything"].insert_one(bookkeeping | lists | state | more)


@pytest.mark.parametrize("version", [2, 3])
def test_documents_of_other_versions_may_stand_beside(
    database: Database[Document], version: int
) -> None:
    document = stored(everything(), schema_version=version, anything="else")
    database["everything"].insert_one(document)


Drift = Callable[[Database[Document]], object]


@pytest.mark.parametrize(
    ("drift", "summary", "drops"),
    [
        (lambda db: db.drop_collection("orders"), "create the collection", False),
        (lambda db: db.command("collMod", "orders", validator={}), "change the validator", False),
        (
            lambda db: db.command("collMod", "orders", validationLevel="off"),
            "change the validator",
            False,
        ),
        (lambda db: db["orders"].drop_index("pending_since"), "create the index", False),
        (lambda db: db["orders"].create_index("lines"), "drop the index lines_1", True),
        (
            lambda db: (
                db["orders"].drop_index("expires_at"),
                db["orders"].create_index("expires_at", name="expires_at", expireAfterSeconds=9),
            ),
            "replace the index expires_at",
            True,
        ),
    ],
)
def test_every_difference_is_found_and_mended(
    service: Container[Any], drift: Drift, summary: str, drops: bool
) -> None:
    drift(service.database)
    changes = service.database_plan()
    assert changes[0].summary.startswith(summary)
    assert changes[0].drops is drops
    left = service.prepare_database()
    assert [str(each) for each in left] == [str(each) for each in changes if each.drops]
    assert bool(left) is drops
    assert bool(service.database_plan()) is drops
    apply(service.database_plan(), allow_drop=True)
    assert service.database_plan() == []


# Older code beside newer code


@schema(collection="everything", indexes=(Index(("level",)),))
class Less(AggregateRoot):
    """As older code declares it, with an index that newer code has given up."""

    token: UUID
    level: Level


@schema(collection="everything")
class More(AggregateRoot):
    """As newer code declares it."""

    token: UUID
    level: Level
    note: str | None = None


@schema(collection="everything", version=2)
class Later(AggregateRoot):
    """The next version of it."""

    token: str


class HigherLevel(Enum):
    """With one member more."""

    LOW = "low"
    HIGH = "high"
    HIGHEST = "highest"


@schema(collection="everything")
class Higher(AggregateRoot):
    """Newer in what an attribute may be."""

    token: UUID
    level: HigherLevel


@schema(collection="everything")
class Looser(AggregateRoot):
    """Newer in that an attribute may be None."""

    token: UUID
    level: Level | None


@pytest.mark.parametrize("newer", [More, Later, Higher, Looser])
def test_older_code_undoes_nothing_of_newer_code_unless_it_may(
    service: Container[Any], newer: type[AggregateRoot]
) -> None:
    """And newer code needs no leave to come after older code."""
    apply(plan(service.database, Less))
    changes = plan(service.database, newer)
    assert [each.summary for each in changes if not each.drops] == ["change the validator"]
    apply(changes, allow_drop=True)
    assert plan(service.database, newer) == []
    left = apply(plan(service.database, Less))
    assert [str(each) for each in left] == [
        "everything: undo the validator of newer code",
        "everything: create the index level_1",
    ]
    assert plan(service.database, newer) == []
    apply(plan(service.database, Less), allow_drop=True)
    assert plan(service.database, Less) == []


@pytest.mark.parametrize("other", [Higher, Looser])
def test_of_two_that_have_grown_apart_neither_is_newer(
    service: Container[Any], other: type[AggregateRoot]
) -> None:
    """Branches that were never released: each developer's code must be able to write."""
    apply(plan(service.database, More))
    assert [each.drops for each in plan(service.database, other)] == [False]


@schema()
class Spot(ValueObject):
    """A value, as it is now."""

    row: str


@schema()
class NumberedSpot(ValueObject):
    """The value with an attribute that was tried and given up."""

    row: str
    number: int


@schema(collection="everything")
class Placed(AggregateRoot):
    """As it is now."""

    token: UUID
    spots: tuple[Spot, ...]


@schema(collection="everything")
class Tried(AggregateRoot):
    """With a required attribute that was tried and given up."""

    token: UUID
    spots: tuple[Spot, ...]
    note: str


@schema(collection="everything")
class TriedInside(AggregateRoot):
    """With a required attribute inside of a value, tried and given up."""

    token: UUID
    spots: tuple[NumberedSpot, ...]


@pytest.mark.parametrize("tried", [Tried, TriedInside])
def test_what_was_tried_and_given_up_is_not_newer(
    service: Container[Any], tried: type[AggregateRoot]
) -> None:
    """Its validator would refuse what is written now; no release requires more in a version."""
    apply(plan(service.database, tried))
    assert apply(plan(service.database, Placed)) == []
    assert plan(service.database, Placed) == []


def test_a_validator_of_somebody_elses_is_changed(service: Container[Any]) -> None:
    apply(plan(service.database, More))
    theirs: list[Document] = [{}, {"a": 1}, {"$jsonSchema": {"anyOf": [{"properties": {}}]}}]
    for validator in theirs:
        service.database.command("collMod", "everything", validator=validator)
        (change,) = plan(service.database, More)
        assert (change.summary, change.drops) == ("change the validator", False)


def test_applying_keeps_every_document(service: Container[Any]) -> None:
    service.repository(Order).add(an_order(), a_context())
    service.repository(Product).add(a_product(), a_context())
    service.database["orders"].drop_indexes()
    for aggregate in service.service.repositories:
        apply(plan(service.database, aggregate), allow_drop=True)
    assert service.database["orders"].count_documents({}) == 1
    assert service.database["products"].count_documents({}) == 1


def test_a_moment_that_the_store_would_change_is_refused() -> None:
    finer = everything()
    finer.moment = datetime(2026, 1, 1, microsecond=1, tzinfo=UTC)
    with pytest.raises(ValueError, match="milliseconds"):
        codec_for(Everything).encode(finer)
    finer.moment = datetime(2026, 1, 1)  # noqa: DTZ001 - the point of the test
    with pytest.raises(ValueError, match="zone"):
        codec_for(Everything).encode(finer)


def test_exact_numbers_are_stored_exactly(database: Database[Document]) -> None:
    database["everything"].insert_one(stored(everything()))
    document = database["everything"].find_one()
    assert document is not None
    assert document["exact"] == Decimal128("1.10")


class EverythingRepository(MongoRepository[Everything]):
    """Keeps one of every form."""

    aggregate = Everything


def test_pages_can_be_sorted_by_a_uuid_and_optional_lists_looked_into(
    service: Container[Any], database: Database[Document]
) -> None:
    numbers = range(3)
    for number in numbers:
        value = everything()
        value.id, value.token, value.tags = f"e-{number}", UUID(int=number), ("red", str(number))
        database["everything"].insert_one(stored(value))
    found = EverythingRepository(service.database, service.outbox, service.nudge, service.cursors)
    first = found.find(order=["token"], limit=2)
    rest = found.find(order=["token"], limit=2, cursor=first.next_cursor)
    assert [each.id for each in first.items + rest.items] == ["e-0", "e-1", "e-2"]
    assert len(found.find(equals("tags", "red")).items) == 3
    assert [each.id for each in found.find(equals("tags", "1")).items] == ["e-1"]
