"""Documents in earlier forms, in later ones, and damaged ones."""

from typing import Any

import pytest

from carafe.domain.model import AggregateRoot, schema
from carafe.infrastructure.database.mongo.documents import Documents, StateForm
from carafe.infrastructure.errors import DocumentTooNew, DocumentUnreadable
from carafe.testing.examples import NOON
from tests.support.tickets import Coupon, Document, Ticket, with_a_state, with_a_status


@pytest.fixture
def tickets() -> Documents[Ticket]:
    return Documents(Ticket, {1: with_a_status})


@schema(collection="chests", version=3)
class Chest(AggregateRoot):
    """A chest with labels."""

    labels: tuple[str, ...] = ()


def in_small_letters(document: Document) -> Document:
    """Version 2 to 3: changes the list that it is given."""
    document["labels"][:] = [each.lower() for each in document["labels"]]
    del document["name"]
    return document


def in_capitals(document: Document) -> Document:
    """Version 3 to 2, which had the id in another attribute as well."""
    labels = [each.upper() for each in document["labels"]]
    return document | {"labels": labels, "name": document["_id"]}


def same(document: Document) -> Document:
    return document


STEPS = {1: same, 2: in_small_letters}


@pytest.mark.parametrize(
    ("aggregate", "upcasters", "downcasters", "fault"),
    [
        (Ticket, {}, {}, "Ticket is at version 2 and needs upcasters from [1], has []"),
        (Chest, {}, {}, "Chest is at version 3 and needs upcasters from [2], has []"),
        (Chest, {1: same}, {}, "Chest is at version 3 and needs upcasters from [1, 2], has [1]"),
        (Coupon, {1: same}, {}, "Coupon is at version 1 and needs upcasters from [], has [1]"),
        (
            Ticket,
            {1: with_a_status},
            {1: with_a_state},
            "Ticket is at version 2 and may have downcasters from [2], has [1]",
        ),
        (
            Chest,
            STEPS,
            {3: in_capitals, 2: same},
            "Chest is at version 3 and may have downcasters from [3], has [2, 3]",
        ),
        (Coupon, {}, {1: same}, "Coupon is at version 1 and may have downcasters from [], has [1]"),
    ],
)
def test_a_step_that_is_missing_or_one_too_many_is_told(
    aggregate: Any,  # noqa: ANN401 - a type of it
    upcasters: dict[int, Any],
    downcasters: dict[int, Any],
    fault: str,
) -> None:
    with pytest.raises(ValueError, match=r".") as told:
        Documents(aggregate, upcasters, downcasters)
    assert str(told.value) == fault


def test_versions_are_told_apart(tickets: Documents[Ticket]) -> None:
    chests = Documents(Chest, {2: in_small_letters}, {3: in_capitals})
    assert (chests.version, chests.written, chests.earliest) == (3, 2, 2)
    assert (tickets.version, tickets.written, tickets.earliest) == (2, 2, 1)
    coupons = Documents(Coupon, {})
    assert (coupons.version, coupons.written, coupons.earliest) == (1, 1, 1)


def test_a_step_forth_that_changes_what_it_is_given_spoils_no_step_back() -> None:
    chests = Documents(Chest, STEPS, {3: in_capitals})
    chest = Chest(id="c-1", labels=("up", "wet"))
    expected = StateForm(2, {"labels": ["UP", "WET"], "name": "c-1"})
    assert chests.to_write(chest) == expected
    document = {"_id": "c-1", "version": 1, "sequence": 0, "schema_version": 2, **expected.state}
    assert chests.decode(document).labels == ("up", "wet")
    chest.labels = ("Up",)
    assert chests.to_write(chest) == StateForm(3, {"labels": ["Up"]})


def a_document(version: Any, **fields: Any) -> Document:  # noqa: ANN401 - whatever is stored
    return {"_id": "t-1", "version": 5, "schema_version": version, "sequence": 0, **fields}


OLDER = {"seat": "A7", "state": "booked"}


def test_a_migration_sets_what_is_new_and_drops_what_is_not_there_any_more(
    tickets: Documents[Ticket],
) -> None:
    expected = {"seat": "A7", "status": "booked", "guest": "", "schema_version": 2}
    assert tickets.migration(a_document(1, **OLDER)) == {
        "$set": expected,
        "$unset": {"state": ""},
    }
    only_more = Documents(Ticket, {1: lambda document: document | {"guest": ""}})
    document = a_document(1, seat="A7", status="booked")
    assert only_more.migration(document) == {"$set": expected}


def test_a_deletion_leaves_nothing_of_a_state() -> None:
    form = StateForm(1, OLDER)
    assert form.change(None) == {"$set": OLDER}
    unset = {"seat": "", "state": ""}
    assert form.change(NOON) == {"$set": {"deleted_at": NOON}, "$unset": unset}


@pytest.mark.parametrize(
    ("document", "fault", "place"),
    [
        (a_document(2, seat="A7", status="booked"), "KeyError", "guest"),
        (a_document(1, seat="A7"), "KeyError", "state"),
        (a_document("two", **OLDER), "TypeError", "range"),
    ],
)
def test_which_document_is_damaged_and_where_the_log_alone_says(
    tickets: Documents[Ticket],
    document: Document,
    fault: str,
    place: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(DocumentUnreadable) as told:
        tickets.decode(document)
    assert told.value.message == "A stored document does not fit the code; the log says which one."
    assert type(told.value.__cause__).__name__ == fault
    (line,) = (vars(each) for each in caplog.records)
    assert (line["kind"], line["document"], line["fault"]) == ("Ticket", "t-1", fault)
    assert place in "".join(line["place"])


def test_which_document_is_too_new_the_log_says(
    tickets: Documents[Ticket], caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(DocumentTooNew) as told:
        tickets.decode(a_document(3, place="A7"))
    assert told.value.message == (
        "A stored document has the form 3; this code knows 2. Deploy the newer code everywhere."
    )
    (line,) = (vars(each) for each in caplog.records)
    assert (line["kind"], line["document"], line["form"]) == ("Ticket", "t-1", 3)
