"""Old documents are read and migrated; newer ones are left alone."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar
from unittest.mock import ANY

import pytest

from carafe.contracts.base import Contract
from carafe.contracts.views import View
from carafe.domain.errors import StaleVersion
from carafe.domain.model import AggregateRoot, schema
from carafe.domain.timers import Timer
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.documents import Documents, Upcaster
from carafe.infrastructure.database.mongo.migration import migrate, outdated
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.database.mongo.outbox_store import MongoOutboxStore
from carafe.infrastructure.database.mongo.schema_sync import apply, plan
from carafe.infrastructure.database.mongo.unit_of_work import UnitOfWork, in_one_transaction
from carafe.infrastructure.errors import DocumentTooNew, DocumentUnreadable
from carafe.infrastructure.identifiers import now
from carafe.testing.contexts import a_context

Document = dict[str, Any]


@schema(collection="parcels", version=3)
class Parcel(AggregateRoot):
    """Its form has changed twice: grams for kilograms, then a street apart from its number."""

    grams: int
    street: str
    number: str


def grams_for_kilograms(state: Document) -> Document:
    """Version 1 to 2."""
    state["grams"] = round(state.pop("kilograms") * 1000)
    return state


def street_apart(state: Document) -> Document:
    """Version 2 to 3."""
    state["street"], _, state["number"] = state.pop("address").rpartition(" ")
    return state


class ParcelRepository(MongoRepository[Parcel]):
    """Keeps parcels, of every form there has been."""

    aggregate = Parcel
    upcasters: ClassVar[Mapping[int, Upcaster]] = {1: grams_for_kilograms, 2: street_apart}


def of_version(version: int, identifier: str = "p-1") -> Document:
    states: dict[int, Document] = {
        1: {"kilograms": 1.5, "address": "Lindenallee 12"},
        2: {"grams": 1500, "address": "Lindenallee 12"},
        3: {"grams": 1500, "street": "Lindenallee", "number": "12"},
        4: {"ounces": 53},
    }
    return {
        "_id": identifier,
        "version": 5,
        "schema_version": version,
        "sequence": 0,
        **states[version],
        "pending": [],
        "handled": [],
    }


@pytest.fixture
def parcels(service: Container[Any]) -> ParcelRepository:
    apply(plan(service.database, Parcel))
    return ParcelRepository(service.database, service.outbox, service.nudge, service.cursors)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_every_form_there_has_been_is_read(parcels: ParcelRepository, version: int) -> None:
    parcels.collection.insert_one(of_version(version))
    found = parcels.get("p-1")
    assert (found.grams, found.street, found.number) == (1500, "Lindenallee", "12")


def test_reading_changes_nothing(parcels: ParcelRepository) -> None:
    parcels.collection.insert_one(of_version(1))
    parcels.get("p-1")
    assert parcels.collection.find_one() == of_version(1)


@pytest.mark.parametrize("version", [1, 2])
def test_saving_an_old_document_writes_the_present_form(
    parcels: ParcelRepository, version: int
) -> None:
    parcels.collection.insert_one(of_version(version))
    found = parcels.get("p-1")
    found.grams = 2000
    assert parcels.save(found, a_context()).version == 6
    document = parcels.collection.find_one()
    assert document is not None
    assert (document["schema_version"], document["grams"]) == (3, 2000)
    assert not {"kilograms", "address"} & document.keys()


class Arrival(Timer):
    """The parcel should have arrived."""

    name: ClassVar[str] = "arrival"


@pytest.mark.parametrize("way", ["a migration", "a save", "a save that moves one"])
def test_the_timers_of_an_old_document_stay_as_they_are(
    parcels: ParcelRepository, way: str
) -> None:
    due = now() + timedelta(hours=1)
    entry = {"due": due, "version": 2, "correlation_id": "c", "causation_id": "d", "failures": 1}
    timers = {
        "timers": [entry | {"id": "arrival", "again_at": due}, entry | {"id": "arrival:b"}],
        "next_due": due,
        "claimed_until": due,
        "timers_parked_since": due,
    }
    parcels.collection.insert_one(of_version(1) | timers)
    expected = {each.id: each for each in parcels.get("p-1").timers}
    if way == "a migration":
        assert [each.done for each in migrate(parcels)] == [1]
    else:
        found = parcels.get("p-1")
        if way == "a save that moves one":
            found.set_timer(Arrival, timedelta(hours=2), at=now())
            expected = {each.id: each for each in found.timers} | {"arrival": ANY}
        parcels.save(found, a_context())
    document = parcels.collection.find_one()
    assert document is not None
    assert document["schema_version"] == 3
    assert {each.id: each for each in parcels.get("p-1").timers} == expected
    if way != "a save that moves one":
        assert {name: document[name] for name in timers} == timers


def test_deleting_an_old_document_leaves_nothing_of_its_state(parcels: ParcelRepository) -> None:
    parcels.collection.insert_one(of_version(1))
    parcels.delete(parcels.get("p-1"), a_context())
    document = parcels.collection.find_one()
    assert document is not None
    assert not {"kilograms", "address", "grams", "street", "number"} & document.keys()


def test_a_migration_within_a_transaction_is_taken_back_with_it(parcels: ParcelRepository) -> None:
    parcels.collection.insert_one(of_version(1))
    found = parcels.get("p-1")

    def work(unit: UnitOfWork) -> None:
        unit.within(parcels).save(found, a_context())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_one_transaction(parcels.collection.database.client, parcels._nudge, work)  # noqa: SLF001 - any will do
    assert parcels.collection.find_one() == of_version(1)


def test_whether_a_migration_was_made_is_told(parcels: ParcelRepository) -> None:
    parcels.collection.insert_one(of_version(1))
    document = of_version(1)
    assert parcels.migrate(document)
    assert not parcels.migrate(document), "another writer was faster"


def test_a_stale_writer_of_an_old_document_is_refused(parcels: ParcelRepository) -> None:
    parcels.collection.insert_one(of_version(1))
    first, second = parcels.get("p-1"), parcels.get("p-1")
    parcels.save(first, a_context())
    with pytest.raises(StaleVersion):
        parcels.save(second, a_context())


def test_a_newer_document_is_refused_and_not_touched(
    parcels: ParcelRepository, caplog: pytest.LogCaptureFixture
) -> None:
    parcels.collection.insert_one(of_version(4))
    with pytest.raises(DocumentTooNew) as refusal:
        parcels.get("p-1")
    assert refusal.value.message == (
        "A stored document has the form 4; this code knows 3. Deploy the newer code everywhere."
    )
    (line,) = (vars(each) for each in caplog.records)
    assert (line["kind"], line["document"]) == ("Parcel", "p-1")
    assert outdated(parcels) == 0
    assert [each.found for each in migrate(parcels)] == [0]
    assert parcels.collection.find_one() == of_version(4)


def test_migration_goes_through_all_in_batches(parcels: ParcelRepository) -> None:
    versions = [1, 2, 3, 1, 2, 4, 1]
    parcels.collection.insert_many(
        of_version(version, f"p-{number}") for number, version in enumerate(versions)
    )
    assert outdated(parcels) == 5
    assert [each.done for each in migrate(parcels, batch=2)] == [2, 1, 1, 1]
    assert outdated(parcels) == 0
    forms = [each["schema_version"] for each in parcels.collection.find().sort("_id", 1)]
    assert forms == [3, 3, 3, 3, 3, 4, 3]


def test_no_query_of_a_migration_looks_at_more_than_its_batch(parcels: ParcelRepository) -> None:
    """However far apart the documents of an earlier form are: each query ends in time."""
    parcels.collection.insert_many(of_version(3, f"p-{number:02}") for number in range(50))
    parcels.collection.insert_one(of_version(1, "p-99"))
    database = parcels.collection.database
    database.command("profile", 2)
    assert sum(each.done for each in migrate(parcels, batch=10)) == 1
    database.command("profile", 0)
    queries = {"ns": parcels.collection.full_name, "op": "query"}
    profile = list(database["system.profile"].find(queries))
    assert max(each["docsExamined"] for each in profile) == 10
    assert max(each["keysExamined"] for each in profile) <= 11


def test_an_interrupted_migration_goes_on_where_it_was(parcels: ParcelRepository) -> None:
    parcels.collection.insert_many(of_version(1, f"p-{number}") for number in range(6))
    next(migrate(parcels, batch=2))
    assert outdated(parcels) == 4
    assert [each.done for each in migrate(parcels, batch=2)] == [0, 2, 2, 0]


def test_migration_never_overwrites_a_live_writer(
    parcels: ParcelRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    parcels.collection.insert_many(of_version(1, f"p-{number}") for number in range(3))
    original = parcels.documents.migration

    def meanwhile(document: Document) -> Document:
        if document["_id"] == "p-1":
            writer = parcels.get("p-1")
            writer.grams = 9
            monkeypatch.setattr(parcels.documents, "migration", original)
            parcels.save(writer, a_context())
        return original(document)

    monkeypatch.setattr(parcels.documents, "migration", meanwhile)
    (batch,) = migrate(parcels)
    assert (batch.found, batch.done) == (3, 2)
    assert parcels.get("p-1").grams == 9
    assert outdated(parcels) == 0


class RebuildingRepository(MongoRepository[Parcel]):
    """Its last step returns a new document, with the state alone."""

    aggregate = Parcel
    upcasters: ClassVar[Mapping[int, Upcaster]] = {
        2: lambda state: {"grams": state["grams"], "street": "Lindenallee", "number": "12"}
    }


@pytest.mark.parametrize("way", ["a migration", "a save"])
def test_whatever_an_upcaster_returns_the_bookkeeping_stays(
    service: Container[Any], parcels: ParcelRepository, way: str
) -> None:
    """That of a later version of the foundation as well."""
    due = now() + timedelta(hours=1)
    timer = {"id": "arrival", "due": due, "version": 2, "correlation_id": "", "causation_id": ""}
    kept = {"timers": [timer], "next_due": due, "_marks": {"views": 1}, "sequence": 7}
    parcels.collection.insert_one(of_version(2) | kept)
    wiring = (service.database, service.outbox, service.nudge, service.cursors)
    repository = RebuildingRepository(*wiring)
    if way == "a migration":
        assert [each.done for each in migrate(repository)] == [1]
    else:
        repository.save(repository.get("p-1"), a_context())
    document = parcels.collection.find_one()
    assert document is not None
    assert {name: document[name] for name in kept} == kept
    assert (document["schema_version"], document["street"]) == (3, "Lindenallee")
    assert "address" not in document


def test_a_missing_step_is_noticed_at_start_up() -> None:
    with pytest.raises(
        ValueError, match=r"Parcel is at version 3 and needs upcasters from \[1, 2\]"
    ):
        Documents(Parcel, {1: grams_for_kilograms})


def test_the_relay_takes_events_from_documents_of_every_form(
    parcels: ParcelRepository,
) -> None:
    event = {"id": "e-1", "type": "a.b.c.v1", "sequence": 1, "body": "{}"}
    waiting = {"pending": [event], "pending_since": now()}
    for version in (1, 3, 4):
        parcels.collection.insert_one(of_version(version, f"p-{version}") | waiting)
    store = MongoOutboxStore(parcels.collection)
    store.remove({f"p-{version}": ["e-1"] for version in (1, 3, 4)})
    assert [each["pending"] for each in parcels.collection.find()] == [[], [], []]


class ParcelWeight(Contract, frozen=True):
    """Shows two attributes, of which the projection fetches no more."""

    id: str
    grams: int


def test_an_old_document_that_is_deleted_meanwhile_is_left_out_of_a_page(
    parcels: ParcelRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old document is fetched a second time, as a whole; it may be gone by then."""
    parcels.collection.insert_many(of_version(2, f"p-{number}") for number in range(4))
    original = parcels._find_one  # noqa: SLF001 - the moment between two reads

    def meanwhile(identifier: str, projection: Mapping[str, Any]) -> Document | None:
        monkeypatch.setattr(parcels, "_find_one", original)
        parcels.delete(parcels.get("p-1"), a_context())
        parcels.collection.delete_one({"_id": "p-2"})
        return original(identifier, projection)

    monkeypatch.setattr(parcels, "_find_one", meanwhile)
    page = parcels.find_views(View(ParcelWeight, Parcel))
    assert [each.id for each in page.items] == ["p-0", "p-3"]


def test_documents_without_a_further_sort_attribute_are_left_out_until_they_are_migrated(
    parcels: ParcelRepository,
) -> None:
    parcels.collection.insert_many(of_version(version, f"p-{version}") for version in (1, 2, 3))
    page = parcels.find(order=["grams", "street"], limit=1)
    assert ([each.id for each in page.items], page.next_cursor) == (["p-3"], None)


@pytest.mark.parametrize(
    "damage",
    [
        {"kilograms": "much"},
        {"kilograms": float("nan")},
        {"kilograms": float("inf")},
        {"address": None},
        {"schema_version": "two"},
    ],
    ids=str,
)
def test_damage_that_an_upcaster_meets_is_told_as_damage(
    parcels: ParcelRepository, damage: Document
) -> None:
    document = of_version(1) | damage
    parcels.collection.insert_one(document, bypass_document_validation=True)
    with pytest.raises(DocumentUnreadable):
        parcels.get("p-1")


@pytest.mark.parametrize("damage", [{"kilograms": "much"}, {"unheard_of": 1}], ids=str)
def test_migration_goes_on_beyond_a_damaged_document(
    parcels: ParcelRepository, caplog: pytest.LogCaptureFixture, damage: Document
) -> None:
    """An upcaster cannot read it, or the validator refuses what comes of it."""
    damaged = of_version(1, "p-1") | damage
    parcels.collection.insert_many([of_version(1, "p-0"), damaged, of_version(1, "p-2")])
    assert [each.done for each in migrate(parcels, batch=2)] == [1, 1]
    assert parcels.collection.find_one({"_id": "p-1"}) == damaged
    (line,) = (vars(each) for each in caplog.records)
    assert "p-1" in (line.get("document"), *line.get("ids", ()))
