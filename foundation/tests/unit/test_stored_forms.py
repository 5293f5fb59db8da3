"""Stored forms are compared with the released ones; what leaves documents behind is refused."""

import json
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

from carafe.development.cli import main
from carafe.development.contracts.snapshot import read, write
from carafe.development.project import project
from carafe.development.stored_forms import commands
from carafe.development.stored_forms.commands import (
    RELEASED,
    form_changes,
    present_forms,
)
from carafe.development.stored_forms.comparison import changes_between
from carafe.development.stored_forms.snapshot import Snapshot, snapshot_of
from carafe.development.verify.infrastructure import broken_forms
from carafe.domain.model import AggregateRoot, ValueObject, schema
from carafe.testing.suites import DeclarationTests
from tests.support.command_runner import CommandRunner

Attributes = dict[str, Any]

NEW_VERSION = "set version=2 in @schema and write an upcaster from 1"
OPTIONAL_OR = "make it optional with the default None, or"
NEXT_RELEASE = "in the release after this one, when no older code runs any more"


class Status(Enum):
    """As released."""

    OPEN = "open"
    CLOSED = "closed"


class MoreStatus(Enum):
    """With a further member."""

    OPEN = "open"
    CLOSED = "closed"
    LOST = "lost"


class Renamed(Enum):
    """The same values, in another order and by other names."""

    SHUT = "closed"
    UNSHUT = "open"


@schema(tag="card")
class Card(ValueObject):
    """One way to pay."""

    digits: str


@schema(tag="card")
class NamedCard(ValueObject):
    """The same, with an attribute that may be missing."""

    digits: str
    holder: str | None = None


@schema(tag="cash")
class Cash(ValueObject):
    """Another way to pay."""

    amount: int


def an_aggregate(
    version: int = 1,
    collection: str = "parcels",
    *,
    has_downcaster: bool = False,
    **attributes: Any,  # noqa: ANN401 - a type form, or that with its default
) -> Snapshot:
    """Return the form of an aggregate; an attribute is a type, or a pair with its default."""
    pairs = {name: each for name, each in attributes.items() if isinstance(each, tuple)}
    hints = {name: pairs[name][0] if name in pairs else attributes[name] for name in attributes}
    defaults = {name: each[1] for name, each in pairs.items()}
    plain = type("Parcel", (AggregateRoot,), {"__annotations__": hints, **defaults})
    aggregate: type[AggregateRoot] = schema(collection=collection, version=version)(plain)
    return snapshot_of([aggregate], [aggregate] if has_downcaster else [])


MISSING_IS_NONE = (str | None, None)

BREAKING: list[tuple[Attributes, Attributes, str]] = [
    (
        {},
        {"a": str},
        f"Parcel.a is new, but stored documents do not have it: {OPTIONAL_OR} {NEW_VERSION}",
    ),
    (
        {},
        {"a": str | None},
        f"Parcel.a is new, but stored documents do not have it: {OPTIONAL_OR} {NEW_VERSION}",
    ),
    ({}, {"a": (str | None, "none")}, "Parcel.a is new, but stored documents do not have it"),
    ({}, {"a": (int, 0)}, "Parcel.a is new, but stored documents do not have it"),
    ({"a": str}, {}, f"Parcel.a is gone, but stored documents have it: {NEW_VERSION}"),
    ({"a": MISSING_IS_NONE}, {}, "Parcel.a is gone, but stored documents have it"),
    ({"a": str}, {"a": int}, f"Parcel.a was str and is int: {NEW_VERSION}"),
    ({"a": str}, {"a": Status}, "Parcel.a was str and is enumeration"),
    ({"a": list[str]}, {"a": list[int]}, "Parcel.a[] was str and is int"),
    ({"a": Card}, {"a": Card | Cash}, "Parcel.a was object and is union"),
    (
        {"a": str | None},
        {"a": str},
        f"Parcel.a may be None in stored documents: leave it optional, or {NEW_VERSION}",
    ),
    (
        {"a": MISSING_IS_NONE},
        {"a": str | None},
        f"Parcel.a may be missing in stored documents: keep its default None, or {NEW_VERSION}",
    ),
    (
        {"a": MoreStatus},
        {"a": Status},
        f"Parcel.a may be 'lost' in stored documents: keep it, or {NEW_VERSION}",
    ),
    (
        {"a": Card | Cash},
        {"a": NamedCard},
        "Parcel.a was union and is object",
    ),
    ({"a": list[Card]}, {"a": list[Cash]}, "Parcel.a[].digits is gone"),
]


@pytest.mark.parametrize(("released", "present", "sentence"), BREAKING)
def test_what_old_documents_cannot_bear_is_refused(
    released: Attributes, present: Attributes, sentence: str
) -> None:
    changes = list(changes_between(an_aggregate(**released), an_aggregate(**present)))
    assert str(changes[0]).startswith(sentence)
    assert changes[0].is_breaking


def test_a_class_that_left_a_union_may_be_in_documents() -> None:
    one, other = an_aggregate(a=Card | Cash), an_aggregate(a=Card | Cash)
    del other["parcels"]["attributes"]["a"]["kinds"]["cash"]
    (change,) = changes_between(one, other)
    assert (change.place, change.is_breaking) == ("Parcel.a", True)
    assert change.sentence.startswith("may be of the kind 'cash' in stored documents: keep it, or ")
    (remark,) = changes_between(other, one)
    assert str(remark) == (
        "Parcel.a may be of the kind 'cash' now, which older code cannot read: set it "
        f"{NEXT_RELEASE}"
    )


REMARKS: list[tuple[Attributes, Attributes, list[str]]] = [
    ({}, {"a": MISSING_IS_NONE}, ["Parcel.a is new: where it is missing, it is None"]),
    (
        {"a": Card},
        {"a": NamedCard},
        [f"Parcel.a.holder is new, and older code drops it when it saves: set it {NEXT_RELEASE}"],
    ),
    (
        {"a": str},
        {"a": MISSING_IS_NONE},
        [f"Parcel.a may be None now, which older code cannot read: set None {NEXT_RELEASE}"],
    ),
    (
        {"a": Status},
        {"a": MoreStatus},
        [f"Parcel.a may be 'lost' now, which older code cannot read: set it {NEXT_RELEASE}"],
    ),
    ({"a": str | None}, {"a": MISSING_IS_NONE}, []),
    ({"a": Status}, {"a": Renamed}, []),
    ({"a": list[str]}, {"a": tuple[str, ...]}, []),
    ({"a": str, "b": int}, {"b": int, "a": str}, []),
]


@pytest.mark.parametrize(("released", "present", "sentences"), REMARKS)
def test_what_old_documents_bear_is_accepted_and_what_old_code_does_not_bear_is_told(
    released: Attributes, present: Attributes, sentences: list[str]
) -> None:
    changes = list(changes_between(an_aggregate(**released), an_aggregate(**present)))
    assert [str(each) for each in changes] == sentences
    assert not any(each.is_breaking for each in changes)


@pytest.mark.parametrize(
    ("version", "sentence", "is_breaking"),
    [
        (1, "Parcel is version 1, but version 2 is released, and its documents would be", True),
        (2, "Parcel.a was str and is int: set version=3", True),
        (3, "Parcel is version 3: while code of version 2 still runs, it refuses what", False),
        (4, "Parcel is version 4, but the released one is 2: set version=3 in @schema", True),
    ],
)
def test_a_new_version_is_the_next_one(version: int, sentence: str, *, is_breaking: bool) -> None:
    (change,) = changes_between(an_aggregate(2, a=str), an_aggregate(version, a=int))
    assert str(change).startswith(sentence)
    assert change.is_breaking is is_breaking


def test_an_aggregate_may_come_and_is_missed_when_it_goes() -> None:
    (remark,) = changes_between({}, an_aggregate(a=str))
    assert (str(remark), remark.is_breaking) == ("Parcel is not released yet", False)
    (change,) = changes_between(an_aggregate(a=str), {})
    assert str(change).startswith("Parcel no longer stores the collection parcels, whose documents")
    assert change.is_breaking


def test_the_stored_forms_of_the_reference_service_are_released() -> None:
    assert read(project().root / RELEASED) == present_forms(project())


# The command line and the other checks

READ, WRITTEN = an_aggregate(2, a=int, has_downcaster=True), an_aggregate(2, a=int)
STILL_WRITTEN = (
    "Parcel is version 2 and still written as version 1, which older code reads: remove its "
    f"downcaster {NEXT_RELEASE}"
)
NOW_WRITTEN = "Parcel is written as version 2 now: deploy it when all code that runs reads that"
AT_ONCE = (
    "Parcel is version 2: while code of version 1 still runs, it refuses what this one has saved "
    "(503, to be tried again); with a downcaster from 2, it does not"
)


@pytest.mark.parametrize(
    ("released", "present", "sentence"),
    [
        (an_aggregate(1, a=str), READ, STILL_WRITTEN),
        (READ, WRITTEN, NOW_WRITTEN),
        (READ, an_aggregate(3, a=int, has_downcaster=True), "Parcel is version 3 and still"),
        (an_aggregate(1, a=str), WRITTEN, AT_ONCE),
    ],
)
def test_a_form_may_be_read_in_one_release_and_written_in_the_next(
    released: Snapshot, present: Snapshot, sentence: str
) -> None:
    (change,) = changes_between(released, present)
    assert (str(change).startswith(sentence), change.is_breaking) == (True, False)


def test_nothing_differs_from_a_release_that_still_writes_the_version_before() -> None:
    assert READ["parcels"]["written"] == 1
    assert list(changes_between(READ, READ)) == []
    assert list(changes_between(WRITTEN, READ)) == []


Change = Callable[[Snapshot], object]

CHANGES: list[tuple[Change, str]] = [
    (lambda forms: forms["orders"]["attributes"].pop("status"), "Order.status is new"),
    (lambda forms: forms["orders"].update(version=2), "Order is version 1, but version 2"),
    (
        lambda forms: forms.update(loans={"aggregate": "Loan", "version": 1, "attributes": {}}),
        "Loan no longer stores the collection loans",
    ),
]


@pytest.fixture
def released(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file of released forms that a test may write."""
    file = tmp_path / "released_forms.json"
    monkeypatch.setattr(commands, "RELEASED", file)
    return file


@pytest.mark.parametrize(("change", "sentence"), CHANGES)
def test_the_command_line_names_what_breaks(released: Path, change: Change, sentence: str) -> None:
    earlier = present_forms(project())
    change(earlier)
    write(released, earlier)
    result = CommandRunner().invoke(main, ["database", "check"])
    assert (result.exit_code, f"break  {sentence}" in result.output) == (1, True)
    refusal = CommandRunner().invoke(main, ["database", "release"])
    assert (refusal.exit_code, read(released)) == (1, earlier)
    dry_run = CommandRunner().invoke(main, ["database", "release", "--allow-breaking", "--dry-run"])
    assert (dry_run.exit_code, read(released)) == (0, earlier)
    CommandRunner().invoke(main, ["database", "release", "--allow-breaking"])
    assert CommandRunner().invoke(main, ["database", "check"]).exit_code == 0


@pytest.mark.parametrize(("change", "sentence"), CHANGES)
def test_every_check_refuses_what_breaks(released: Path, change: Change, sentence: str) -> None:
    """`carafe verify`, `carafe database plan`, and the tests of a service."""
    earlier = present_forms(project())
    change(earlier)
    write(released, earlier)
    (fault,) = broken_forms()
    assert fault.startswith(sentence)
    plan = CommandRunner().invoke(main, ["database", "plan"])
    assert (plan.exit_code, f"break  {sentence}" in plan.output) == (1, True)
    with pytest.raises(AssertionError, match=sentence):
        DeclarationTests().test_documents_of_the_released_forms_can_be_read(project())


def test_before_the_first_release_nothing_breaks(released: Path) -> None:
    result = CommandRunner().invoke(main, ["database", "check"])
    assert (result.exit_code, "database release" in result.output) == (0, True)
    assert form_changes(project()).breaks == []
    assert form_changes(project()).remarks == [
        "Order is not released yet",
        "Product is not released yet",
        "Fulfilment is not released yet",
    ]
    assert not released.exists()


def test_a_missing_upcaster_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    repository = project().module("chalicelib.infrastructure.repositories.order_repository")
    monkeypatch.setattr(repository.OrderRepository, "upcasters", {1: dict})
    (fault,) = form_changes(project()).breaks
    assert fault == (
        "Order is at version 1 and needs upcasters from [], has [1]: complete `upcasters` of its "
        "repository"
    )


def test_a_downcaster_that_leads_nowhere_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    repository = project().module("chalicelib.infrastructure.repositories.order_repository")
    monkeypatch.setattr(repository.OrderRepository, "downcasters", {1: dict})
    (fault,) = form_changes(project()).breaks
    assert fault == (
        "Order is at version 1 and may have downcasters from [], has [1]: correct `downcasters` of "
        "its repository, or remove it"
    )


def test_a_release_is_written_the_same_way_every_time(released: Path) -> None:
    assert an_aggregate(a=Status) == an_aggregate(a=Renamed)
    texts = set()
    for forms in (present_forms(project()), dict(reversed(present_forms(project()).items()))):
        write(released, forms)
        texts.add(released.read_text())
    (text,) = texts
    assert json.loads(text) == present_forms(project())
