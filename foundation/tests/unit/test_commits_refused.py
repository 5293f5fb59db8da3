"""What the repository makes of a write that did not apply, or of which nothing is known."""

import pytest
from pymongo.client_session import ClientSession
from pymongo.errors import AutoReconnect, DuplicateKeyError

from carafe.contracts.base import CommandResult
from carafe.domain.errors import AlreadyExists, NotFound, StaleVersion
from carafe.infrastructure.errors import CommandMismatch, StoreUnavailable
from carafe.testing.contexts import a_context
from tests.support.observed_collection import raising
from tests.support.tickets import SESSION, Office, a_ticket, added


@pytest.fixture
def office() -> Office:
    return Office()


def collision(*names: str) -> DuplicateKeyError:
    return DuplicateKeyError("E11000", 11000, {"keyPattern": dict.fromkeys(names, 1)})


@pytest.mark.parametrize("session", [None, SESSION], ids=["alone", "in a transaction"])
@pytest.mark.parametrize(
    ("names", "told"), [(["seat"], "seat"), (["seat", "guest"], "seat and guest")]
)
def test_what_another_one_has_is_told(
    office: Office, names: list[str], told: str, session: ClientSession | None
) -> None:
    tickets = office.tickets.within(session, office.nudged)
    office.stored.before("insert_one", raising(collision(*names)))
    with pytest.raises(AlreadyExists) as refused:
        tickets.add(a_ticket(), a_context())
    assert refused.value.message == f"Another ticket has this {told}."
    ticket = added(office)
    office.stored.before("update_one", raising(collision(*names)))
    with pytest.raises(AlreadyExists) as refused:
        tickets.save(ticket, a_context())
    assert refused.value.message == f"Another ticket has this {told}."
    assert isinstance(refused.value.__cause__, DuplicateKeyError)
    read = ["find_one"] if session is None else []
    assert office.stored.notes.names == ["update_one", *read]


def test_a_repeated_command_that_collides_is_answered_as_before(office: Office) -> None:
    ticket, context = added(office), a_context()
    office.tickets.save(ticket, context)
    office.stored.before("update_one", raising(collision("seat")))
    again = CommandResult(id="t-1", version=2, repeated=True)
    assert office.tickets.save(ticket, context) == again
    office.stored.before("update_one", raising(collision("seat")))
    with pytest.raises(CommandMismatch):
        office.tickets.save(ticket, a_context(command_id=context.command_id, digest="another"))


def test_an_id_that_is_taken_is_told(office: Office) -> None:
    added(office)
    with pytest.raises(AlreadyExists) as refused:
        office.tickets.add(a_ticket(), a_context())
    assert refused.value.message == "Another ticket has this id."
    assert office.stored.notes.calls[1].given[1] == {"_id": 1}


def test_a_creation_that_is_repeated_is_answered_as_before(office: Office) -> None:
    context = a_context()
    office.tickets.add(a_ticket(), context)
    again = CommandResult(id="t-1", version=1, repeated=True)
    assert office.tickets.add(a_ticket(), context) == again


@pytest.mark.parametrize(
    "error", [collision("_id"), DuplicateKeyError("E11000", 11000), DuplicateKeyError("", 1, {})]
)
def test_what_collides_with_nothing_that_a_majority_has_is_not_confirmed(
    office: Office, error: DuplicateKeyError
) -> None:
    office.stored.before("insert_one", raising(error))
    with pytest.raises(StoreUnavailable) as refused:
        office.tickets.add(a_ticket(), a_context())
    assert refused.value.message == "The database did not confirm a write in time."
    assert refused.value.__cause__ is error


@pytest.mark.parametrize("name", ["before", "after"])
def test_a_change_whose_reply_is_lost_is_made_once(office: Office, name: str) -> None:
    ticket = added(office)
    ticket.guest = "maria"
    getattr(office.stored, name)("update_one", raising(AutoReconnect("lost")))
    result = office.tickets.save(ticket, a_context())
    assert result == CommandResult(id="t-1", version=2, repeated=name == "after")
    document = office.stored.document("t-1")
    assert (document["version"], document["guest"]) == (2, "maria")
    assert len(document["handled"]) == 2


@pytest.mark.parametrize("name", ["before", "after"])
def test_an_addition_whose_reply_is_lost_is_made_once(office: Office, name: str) -> None:
    getattr(office.stored, name)("insert_one", raising(AutoReconnect("lost")))
    result = office.tickets.add(a_ticket(), a_context())
    assert result == CommandResult(id="t-1", version=1, repeated=name == "after")
    assert office.stored.notes.names[:2] == ["insert_one", "insert_one"]


@pytest.mark.parametrize("name", ["insert_one", "update_one"])
def test_in_a_transaction_a_lost_reply_fails_it_as_a_whole(office: Office, name: str) -> None:
    ticket = added(office, identifier="t-0") if name == "update_one" else a_ticket()
    tickets = office.tickets.within(SESSION, office.nudged)
    office.stored.before(name, raising(AutoReconnect("lost")))
    commit = tickets.save if name == "update_one" else tickets.add
    with pytest.raises(StoreUnavailable):
        commit(ticket, a_context())
    assert office.stored.notes.names == [name]


def test_a_store_that_stays_away_is_asked_twice(office: Office) -> None:
    ticket = added(office)
    lost = [raising(AutoReconnect("lost"))] * 2
    office.stored.before("update_one", *lost)
    with pytest.raises(StoreUnavailable):
        office.tickets.save(ticket, a_context())
    assert office.stored.notes.names == ["update_one"] * 2


def test_what_was_changed_or_deleted_meanwhile_is_told_and_little_read(office: Office) -> None:
    first, second = added(office), office.tickets.get("t-1")
    first.sell()
    office.tickets.save(first, a_context())
    office.stored.notes.clear()
    with pytest.raises(StaleVersion):
        office.tickets.save(second, a_context())
    assert not office.stored.notes.loaded & {"pending", "_marks"}
    office.tickets.delete(first, a_context())
    with pytest.raises(NotFound) as missing:
        office.tickets.save(first, a_context())
    assert missing.value.message == "There is no ticket t-1."
