"""A form changes in two releases: the first one reads the next form and writes the old one."""

import threading
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from carafe.contracts.base import CommandResult, Contract
from carafe.contracts.views import View
from carafe.domain.errors import NotFound
from carafe.domain.model import AggregateRoot, schema
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change
from carafe.infrastructure.database.mongo.documents import Documents, Downcaster, Upcaster
from carafe.infrastructure.database.mongo.migration import migrate, outdated
from carafe.infrastructure.database.mongo.mongo_repository import MongoRepository
from carafe.infrastructure.database.mongo.schema_sync import apply, plan
from carafe.infrastructure.errors import DocumentTooNew
from carafe.testing.contexts import a_context

Document = dict[str, Any]


@schema(collection="crates")
class OldCrate(AggregateRoot):
    """As the release before has it."""

    kilograms: int

    def load(self) -> None:
        """Add a kilogram."""
        self.kilograms += 1


@schema(collection="crates", version=2)
class Crate(AggregateRoot):
    """As both following releases have it."""

    grams: int
    label: str

    def load(self) -> None:
        """Add a kilogram."""
        self.grams += 1_000


def with_grams(state: Document) -> Document:
    """Version 1 to 2."""
    state["grams"] = state.pop("kilograms") * 1_000
    state["label"] = "plain"
    return state


def with_kilograms(state: Document) -> Document:
    """Version 2 back to 1."""
    state["kilograms"] = state.pop("grams") // 1_000
    del state["label"]
    return state


class OldCrates(MongoRepository[OldCrate]):
    """The release before."""

    aggregate = OldCrate


class ReadingCrates(MongoRepository[Crate]):
    """The first release."""

    aggregate = Crate
    upcasters: ClassVar[Mapping[int, Upcaster]] = {1: with_grams}
    downcasters: ClassVar[Mapping[int, Downcaster]] = {2: with_kilograms}


class WritingCrates(MongoRepository[Crate]):
    """The second release."""

    aggregate = Crate
    upcasters: ClassVar[Mapping[int, Upcaster]] = {1: with_grams}


@pytest.fixture(params=[OldCrate, Crate], ids=["the old validator", "the new validator"])
def releases(
    request: pytest.FixtureRequest, service: Container[Any]
) -> tuple[OldCrates, ReadingCrates, WritingCrates]:
    """The three releases side by side, whichever of them has made the validator."""
    apply(plan(service.database, request.param))
    wiring = (service.database, service.outbox, service.nudge, service.cursors)
    return OldCrates(*wiring), ReadingCrates(*wiring), WritingCrates(*wiring)


Releases = tuple[OldCrates, ReadingCrates, WritingCrates]


def stored(crates: MongoRepository[Any], identifier: str = "c-1") -> Document:
    document = crates.collection.find_one({"_id": identifier})
    assert document is not None
    return document


def test_older_code_reads_what_the_first_release_writes(releases: Releases) -> None:
    old, reading, _ = releases
    reading.add(Crate(id="c-1", grams=2_000, label="plain"), a_context())
    assert stored(reading)["schema_version"] == 1
    change(old, "c-1", a_context(), OldCrate.load)
    change(reading, "c-1", a_context(), Crate.load)
    assert (old.get("c-1").kilograms, reading.get("c-1").grams) == (4, 4_000)
    assert not {"grams", "label"} & stored(reading).keys()


def test_the_first_release_keeps_the_form_of_what_the_second_one_has_saved(
    releases: Releases,
) -> None:
    """Nothing that only the new form can hold is lost."""
    _, reading, writing = releases
    writing.add(Crate(id="c-1", grams=2_500, label="fragile"), a_context())
    change(reading, "c-1", a_context(), Crate.load)
    assert (stored(reading)["schema_version"], reading.get("c-1").label) == (2, "fragile")
    change(writing, "c-1", a_context(), lambda crate: setattr(crate, "label", "plain"))
    change(reading, "c-1", a_context(), lambda crate: setattr(crate, "grams", 3_000))
    assert stored(reading)["schema_version"] == 2, "it could be written in the old form again"


@pytest.mark.parametrize(("grams", "label"), [(2_500, "plain"), (2_000, "fragile")])
def test_what_the_old_form_cannot_hold_is_written_in_the_new_one(
    releases: Releases, grams: int, label: str
) -> None:
    old, reading, _ = releases
    old.add(OldCrate(id="c-1", kilograms=1), a_context())

    def put(crate: Crate) -> None:
        crate.grams, crate.label = grams, label

    change(reading, "c-1", a_context(), put)
    reading.add(Crate(id="c-2", grams=grams, label=label), a_context())
    for identifier in ("c-1", "c-2"):
        found = reading.get(identifier)
        assert (found.grams, found.label) == (grams, label)
        assert stored(reading, identifier)["schema_version"] == 2
    assert "kilograms" not in stored(reading)
    with pytest.raises(DocumentTooNew):
        old.get("c-1")


def test_a_deletion_leaves_nothing_of_either_form(releases: Releases) -> None:
    old, reading, writing = releases
    old.add(OldCrate(id="c-1", kilograms=2), a_context())
    writing.add(Crate(id="c-2", grams=2_500, label="fragile"), a_context())
    for identifier in ("c-1", "c-2"):
        reading.delete(reading.get(identifier), a_context())
        assert not {"kilograms", "grams", "label"} & stored(reading, identifier).keys()
        for crates in releases:
            with pytest.raises(NotFound):
                crates.get(identifier)


def test_only_the_second_release_migrates(releases: Releases) -> None:
    old, reading, writing = releases
    for number in range(3):
        old.add(OldCrate(id=f"c-{number}", kilograms=number), a_context())
    assert (outdated(reading), list(migrate(reading))) == (0, [])
    assert outdated(writing) == 3
    assert sum(each.done for each in migrate(writing)) == 3
    assert [each.grams for each in reading.find().items] == [0, 1_000, 2_000]
    change(reading, "c-1", a_context(), Crate.load)
    assert stored(reading)["schema_version"] == 2


class CrateLabel(Contract, frozen=True):
    """Shows one attribute."""

    id: str
    label: str


def test_a_page_of_views_needs_one_query(releases: Releases, service: Container[Any]) -> None:
    """Nearly every document is of the old form, and needed whole."""
    old, reading, writing = releases
    for number in range(5):
        old.add(OldCrate(id=f"c-{number}", kilograms=number), a_context())
    writing.add(Crate(id="c-5", grams=1, label="fragile"), a_context())
    service.database.command("profile", 2)
    views = reading.find_views(View(CrateLabel, Crate)).items
    service.database.command("profile", 0)
    assert [each.label for each in views] == ["plain"] * 5 + ["fragile"]
    query = {"ns": reading.collection.full_name, "op": "query"}
    assert service.database["system.profile"].count_documents(query) == 1


def test_a_command_takes_effect_once_whichever_release_handles_it_again(
    releases: Releases,
) -> None:
    old, reading, writing = releases
    creation, loading = a_context(), a_context()
    reading.add(Crate(id="c-1", grams=1_000, label="plain"), creation)
    first = change(old, "c-1", loading, OldCrate.load)
    assert change(reading, "c-1", loading, Crate.load) == first
    assert change(writing, "c-1", loading, Crate.load) == first
    assert old.add(OldCrate(id="c-1", kilograms=1), creation).version == 1
    assert old.get("c-1").kilograms == 2


def beside(*actions: Callable[[], object], times: int) -> None:
    """Do several things at once, again and again, and raise what one of them raises."""
    faults: list[BaseException] = []

    def repeat(action: Callable[[], object]) -> None:
        try:
            for _ in range(times):
                action()
        except BaseException as error:  # noqa: BLE001 - told by the test
            faults.append(error)

    threads = [threading.Thread(target=repeat, args=(each,)) for each in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]


IDS = [f"c-{number}" for number in range(5)]


def loading(crates: Any, load: Callable[[Any], None]) -> Callable[[], object]:  # noqa: ANN401 - of any release
    """Return what loads every crate once."""

    def once() -> None:
        for each in IDS:
            result: CommandResult = change(crates, each, a_context(), load)
            assert not result.repeated

    return once


def test_nothing_is_refused_or_lost_while_releases_replace_each_other(releases: Releases) -> None:
    """F64: the release before beside the first one, then the first one beside the second."""
    old, reading, writing = releases
    for each in IDS:
        old.add(OldCrate(id=each, kilograms=0), a_context())
    beside(loading(old, OldCrate.load), loading(reading, Crate.load), times=20)
    assert {stored(old, each)["schema_version"] for each in IDS} == {1}
    beside(
        loading(reading, Crate.load),
        loading(writing, Crate.load),
        lambda: list(migrate(writing)),
        times=20,
    )
    assert [writing.get(each).grams for each in IDS] == [80_000] * len(IDS)
    assert {stored(old, each)["schema_version"] for each in IDS} == {2}
    assert {stored(old, each)["version"] for each in IDS} == {81}


def test_without_the_first_release_older_code_refuses_until_it_is_replaced(
    releases: Releases,
) -> None:
    """And changes nothing."""
    old, _, writing = releases
    old.add(OldCrate(id="c-1", kilograms=1), a_context())
    seen = old.get("c-1")
    change(writing, "c-1", a_context(), Crate.load)
    before = stored(old)
    with pytest.raises(DocumentTooNew):
        change(old, "c-1", a_context(), OldCrate.load)
    writing.collection.update_one({"_id": "c-1"}, {"$set": {"version": 1}})
    before["version"] = 1
    for act in (old.save, old.delete):
        with pytest.raises(DocumentTooNew):
            act(seen, a_context())
    assert stored(old) == before


@pytest.mark.parametrize(
    ("aggregate", "versions"), [(Crate, [1]), (Crate, [1, 2]), (Crate, [3]), (OldCrate, [1])]
)
def test_a_downcaster_that_leads_nowhere_is_noticed_at_start_up(
    aggregate: type[AggregateRoot], versions: list[int]
) -> None:
    upcasters = {1: with_grams} if aggregate is Crate else {}
    with pytest.raises(ValueError, match="may have downcasters from"):
        Documents(aggregate, upcasters, dict.fromkeys(versions, with_kilograms))
