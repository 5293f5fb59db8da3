"""Commits of documents in earlier forms, and in later ones."""

import pytest

from carafe.infrastructure.errors import DocumentTooNew
from carafe.testing.contexts import a_context
from tests.support.tickets import MARK, SESSION, Document, Office, Ticket


@pytest.fixture
def office() -> Office:
    return Office()


def stored(office: Office) -> Document:
    return office.stored.document("t-1")


def state_of(office: Office) -> Document:
    """Return the form of the stored ticket and its state."""
    names = ("schema_version", "seat", "state", "status", "guest")
    return {name: stored(office)[name] for name in names if name in stored(office)}


NEWER = {"schema_version": 2, "seat": "A7", "status": "booked", "guest": "maria"}
OLDER = {"schema_version": 1, "seat": "A7", "state": "booked"}


def test_an_older_document_is_migrated_and_then_changed(office: Office) -> None:
    office.store(1)
    ticket = office.tickets.get("t-1")
    ticket.guest = "maria"
    assert office.tickets.save(ticket, a_context()).version == 6
    assert state_of(office) == NEWER
    assert stored(office)["version"] == 6
    updates = [each.given[0] for each in office.stored.notes.calls if each.name == "update_one"]
    assert [each["schema_version"] for each in updates] == [2, 1, 2]
    assert not office.stored.notes.loaded & {"pending", "_marks"}


def test_an_older_document_that_another_process_migrates_first_is_changed(office: Office) -> None:
    office.store(1)
    ticket = office.tickets.get("t-1")
    ticket.guest = "maria"
    document = stored(office)
    office.stored.after("update_one", lambda: office.tickets.migrate(document))
    assert office.tickets.save(ticket, a_context()).version == 6
    assert state_of(office) == NEWER


@pytest.mark.parametrize("version", [1, 2])
def test_a_deletion_leaves_nothing_of_any_form(office: Office, version: int) -> None:
    office.store(version)
    office.tickets.delete(office.tickets.get("t-1"), a_context())
    assert state_of(office) == {"schema_version": version}
    assert stored(office)["version"] == 6
    assert "deleted_at" in stored(office)
    assert f"_marks.{MARK}" in office.stored.notes.calls[-1].given[1]["$unset"]
    assert not office.tickets.exists("t-1")


def test_a_document_that_becomes_too_new_meanwhile_is_not_touched(office: Office) -> None:
    office.store(1)
    ticket = office.tickets.get("t-1")
    newer = {"$set": {"schema_version": 3}}
    office.stored.update_one({"_id": "t-1"}, newer)
    for commit in (office.tickets.save, office.tickets.delete):
        with pytest.raises(DocumentTooNew):
            commit(ticket, a_context())
    assert stored(office)["version"] == 5


def test_while_older_code_runs_its_form_is_written(office: Office) -> None:
    office.careful.add(Ticket(id="t-1", seat="A7"), a_context())
    assert state_of(office) == OLDER
    assert stored(office)["_marks"] == {MARK: True}
    ticket = office.careful.get("t-1")
    ticket.seat = "B1"
    office.careful.save(ticket, a_context())
    assert state_of(office) == OLDER | {"seat": "B1"}
    update = office.stored.notes.calls[-1].given[1]
    assert update["$set"][f"_marks.{MARK}"] is True, "of the present form, whatever is stored"


def test_what_the_older_form_cannot_hold_is_written_in_the_present_one(office: Office) -> None:
    office.store(1)
    ticket = office.careful.get("t-1")
    ticket.guest = "maria"
    office.careful.save(ticket, a_context())
    assert state_of(office) == NEWER


def test_what_was_written_in_the_present_form_stays_in_it(office: Office) -> None:
    office.store(2)
    ticket = office.careful.get("t-1")
    ticket.seat = "B1"
    assert office.careful.save(ticket, a_context()).version == 6
    assert state_of(office) == NEWER | {"seat": "B1", "guest": ""}


def test_a_migration_is_for_the_document_that_was_read_alone(office: Office) -> None:
    office.store(1)
    document = stored(office)
    assert not office.tickets.migrate(document | {"version": 4})
    assert not office.tickets.migrate(document | {"_id": "t-2"})
    assert state_of(office) == OLDER
    assert office.tickets.migrate(document)
    assert state_of(office) == NEWER | {"guest": ""}
    assert not office.tickets.migrate(document), "somebody was faster"
    first = office.stored.notes.calls[0]
    assert first.given[0] == {"_id": "t-1", "version": 4, "schema_version": 1}
    assert first.session is None


def test_a_migration_leads_to_the_form_in_which_documents_are_written(office: Office) -> None:
    office.store(1)
    office.careful.migrate(stored(office))
    assert state_of(office) == OLDER
    office.careful.migrate(stored(office), 2)
    assert state_of(office) == NEWER | {"guest": ""}


def test_a_migration_in_a_transaction_is_part_of_it(office: Office) -> None:
    office.store(1)
    bound = office.tickets.within(SESSION, office.nudged)
    bound.save(bound.get("t-1"), a_context())
    assert len(office.stored.notes.calls) > 3
    assert {each.session for each in office.stored.notes.calls} == {SESSION}
