"""An aggregate changes while documents of its earlier form are in use, and older code runs."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pymongo.errors import WriteError

from carafe.contracts.base import Contract
from carafe.contracts.views import View
from carafe.development.cli import main
from carafe.development.stored_forms import commands
from carafe.development.verify.infrastructure import unreadable_documents
from carafe.domain.model import AggregateRoot, ValueObject, schema
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.criteria import equals
from carafe.infrastructure.database.mongo.documents import Upcaster
from carafe.infrastructure.database.mongo.migration import earlier_versions
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.database.mongo.schema_sync import apply, plan
from carafe.testing.contexts import a_context
from chalicelib.domain.order import Order
from tests.support.command_runner import CommandRunner
from tests.support.orders import an_order

Document = dict[str, Any]


@schema()
class Label(ValueObject):
    """On a crate, as older code knows it."""

    text: str


@schema(collection="crates")
class OlderCrate(AggregateRoot):
    """As older code knows it."""

    grams: int
    label: Label
    former_labels: tuple[Label, ...] = ()


@schema()
class ColouredLabel(ValueObject):
    """With an attribute that older labels lack."""

    text: str
    colour: str | None = None


@schema()
class Seal(ValueObject):
    """Has no attribute that must be there."""

    number: int | None = None


@schema(collection="crates")
class Crate(AggregateRoot):
    """With attributes that older crates lack."""

    grams: int
    label: ColouredLabel
    former_labels: tuple[ColouredLabel, ...] = ()
    note: str | None = None
    seal: Seal | None = None
    stops: tuple[str, ...] | None = None


class OlderCrates(MongoRepository[OlderCrate]):
    """Older code."""

    aggregate = OlderCrate


class Crates(MongoRepository[Crate]):
    """Newer code."""

    aggregate = Crate


class CrateNote(Contract, frozen=True):
    """Shows some attributes, of which the projection fetches no more."""

    id: str
    note: str | None
    stops: tuple[str, ...] | None


@pytest.fixture
def older(service: Container[Any]) -> OlderCrates:
    apply(plan(service.database, OlderCrate))
    return OlderCrates(service.database, service.outbox, service.nudge, service.cursors)


@pytest.fixture
def crates(service: Container[Any], older: OlderCrates) -> Crates:
    """Newer code, for which the database was made ready while older code runs."""
    assert older.aggregate is OlderCrate
    apply(plan(service.database, Crate))
    return Crates(service.database, service.outbox, service.nudge, service.cursors)


def an_older_crate() -> OlderCrate:
    labels = (Label(text="wet"), Label(text="dry"))
    return OlderCrate(id="c-1", grams=5, label=Label(text="up"), former_labels=labels)


def a_crate() -> Crate:
    label = ColouredLabel(text="up", colour="red")
    seal = Seal(number=7)
    return Crate(id="c-1", grams=5, label=label, note="fragile", seal=seal, stops=("Halle",))


def stored(repository: MongoRepository[Any]) -> Document:
    document = repository.collection.find_one()
    assert document is not None
    return document


def test_what_older_documents_lack_is_none(older: OlderCrates, crates: Crates) -> None:
    older.add(an_older_crate(), a_context())
    found = crates.get("c-1")
    assert (found.note, found.seal, found.stops) == (None, None, None)
    assert found.label == ColouredLabel(text="up")
    assert found.former_labels == (ColouredLabel(text="wet"), ColouredLabel(text="dry"))
    assert "note" not in stored(crates)


def test_what_is_missing_is_none_to_criteria_and_views(older: OlderCrates, crates: Crates) -> None:
    older.add(an_older_crate(), a_context())
    (view,) = crates.find_views(View(CrateNote, Crate)).items
    assert view == CrateNote(id="c-1", note=None, stops=None)
    for criterion in (equals("note", None), equals("seal", None), equals("label.colour", None)):
        assert [each.id for each in crates.find(criterion).items] == ["c-1"]
    assert crates.find(equals("note", "fragile")).items == []


def test_an_older_document_gets_its_new_attributes_when_it_is_saved(
    older: OlderCrates, crates: Crates
) -> None:
    older.add(an_older_crate(), a_context())
    crate = crates.get("c-1")
    crate.note, crate.seal = "fragile", Seal()
    crates.save(crate, a_context())
    found = crates.get("c-1")
    assert (found.note, found.seal) == ("fragile", Seal())


def test_an_object_without_any_of_its_optional_attributes_is_valid(crates: Crates) -> None:
    """No `required` at all: MongoDB refuses an empty one."""
    crates.add(a_crate(), a_context())
    crates.collection.update_one({}, {"$set": {"seal": {}}})
    assert crates.get("c-1").seal == Seal()


def test_older_code_reads_and_keeps_a_new_attribute_of_the_aggregate(
    older: OlderCrates, crates: Crates
) -> None:
    crates.add(a_crate(), a_context())
    crate = older.get("c-1")
    crate.grams = 6
    older.save(crate, a_context())
    found = crates.get("c-1")
    assert (found.grams, found.note, found.seal) == (6, "fragile", Seal(number=7))


def test_older_code_drops_a_new_attribute_of_a_value(older: OlderCrates, crates: Crates) -> None:
    """Which is why it is set in the second release alone."""
    crates.add(a_crate(), a_context())
    older.save(older.get("c-1"), a_context())
    assert crates.get("c-1").label == ColouredLabel(text="up")


def test_older_code_deletes_what_newer_code_has_written(older: OlderCrates, crates: Crates) -> None:
    crates.add(a_crate(), a_context())
    older.delete(older.get("c-1"), a_context())
    assert not crates.exists("c-1")
    assert "label" not in stored(crates)


def test_the_database_is_made_ready_before_newer_code_writes(
    service: Container[Any], older: OlderCrates
) -> None:
    early = Crates(service.database, older._outbox, service.nudge, service.cursors)  # noqa: SLF001
    with pytest.raises(WriteError, match="failed validation"):
        early.add(a_crate(), a_context())


# Earlier versions


@schema(collection="orders", version=3)
class Loan(AggregateRoot):
    """Its form has changed twice."""

    days: int


def same(state: Document) -> Document:
    """Change nothing."""
    return state


class Loans(MongoRepository[Loan]):
    """Reads all versions."""

    aggregate = Loan
    upcasters: ClassVar[Mapping[int, Upcaster]] = {1: same, 2: same}


class LaterLoans(MongoRepository[Loan]):
    """Its first step was dropped."""

    aggregate = Loan
    upcasters: ClassVar[Mapping[int, Upcaster]] = {2: same}


@pytest.fixture
def loans(service: Container[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Loans:
    """Of the versions 1, 2 and 3; tombstones and newer ones do not count."""
    monkeypatch.setattr(commands, "RELEASED", tmp_path / "released_forms.json")
    declare(service, monkeypatch, Loans)
    apply(plan(service.database, Loan), allow_drop=True)
    for number, version in enumerate([1, 2, 3, 1, 2, 4, 1]):
        service.database["orders"].insert_one(a_document(version, f"l-{number}"))
    gone = a_document(1, "l-gone") | {"deleted_at": an_order().placed_at}
    del gone["days"]
    service.database["orders"].insert_one(gone)
    found: Loans = service.repository(Loan)  # type: ignore[assignment]
    return found


def declare(
    service: Container[Any],
    monkeypatch: pytest.MonkeyPatch,
    repository: type[MongoRepository[Loan]],
) -> None:
    """Let the service have one repository and no other."""
    reference = f"{__name__}:{repository.__name__}"
    monkeypatch.setattr(service.service, "repositories", {Loan: reference})
    monkeypatch.setattr(service, "_repositories", {})


def a_document(version: int, identifier: str) -> Document:
    return {
        "_id": identifier,
        "version": 5,
        "schema_version": version,
        "sequence": 0,
        "days": 7,
        "pending": [],
        "handled": [],
    }


@pytest.mark.parametrize("batch", [1, 3, 8, 50_000])
def test_documents_of_earlier_versions_are_counted_in_ranges(loans: Loans, batch: int) -> None:
    assert earlier_versions(loans, batch) == {1: 3, 2: 2}


def test_the_plan_says_how_many_documents_are_of_an_earlier_version(loans: Loans) -> None:
    assert loans.collection.name == "orders"
    result = CommandRunner().invoke(main, ["database", "plan"])
    assert result.exit_code == 0
    nothing, *counts = result.output.splitlines()
    assert nothing == "Nothing differs."
    assert [each.partition(", ")[0] for each in counts] == [
        "orders: 3 documents of version 1",
        "orders: 2 documents of version 2",
    ]


def test_an_upcaster_that_documents_need_is_not_dropped(
    loans: Loans, service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(service, monkeypatch, LaterLoans)
    refusal = (
        "orders: 3 documents of version 1, but the upcaster from 1 is gone: put it back, run "
        "`carafe database migrate`, and only then remove it"
    )
    result = CommandRunner().invoke(main, ["database", "plan"])
    assert (result.exit_code, f"break  {refusal}\n" in result.output) == (1, True)
    assert unreadable_documents() == [refusal]
    declare(service, monkeypatch, Loans)
    CommandRunner().invoke(main, ["database", "migrate"])
    declare(service, monkeypatch, LaterLoans)
    assert CommandRunner().invoke(main, ["database", "plan"]).exit_code == 0
    assert loans.collection.count_documents({"schema_version": 3}) == 6


def test_an_aggregate_of_one_version_is_not_counted(service: Container[Any]) -> None:
    """Not a single document is read for it."""
    repository = service.repository(Order)
    repository.add(an_order(), a_context())
    profile = service.database.command("profile", 2)
    assert profile["ok"]
    assert earlier_versions(repository) == {}
    service.database.command("profile", 0)
    seen = service.database["system.profile"].find({"ns": f"{service.database.name}.orders"})
    assert [each["op"] for each in seen] == []
