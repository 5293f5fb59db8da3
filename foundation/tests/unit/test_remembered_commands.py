"""What a document remembers of commands, how long, and when a repeat is one."""

from datetime import datetime, timedelta

import pytest

from carafe.api.idempotency import command_id_of
from carafe.api.problems import RequestRefused
from carafe.domain.errors import NotFound
from carafe.infrastructure.database.bookkeeping import (
    FORGETTING_EVERY,
    HANDLED_FOR,
    LEAST_HANDLED,
    MOST_HANDLED,
    Refusals,
    earlier_result,
    forgets_after,
    handled_entry,
    is_forgotten,
)
from carafe.infrastructure.errors import CommandMismatch
from carafe.infrastructure.outbox.outbox import MOST_PENDING
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON
from chalicelib.domain.order import Order

NEWEST = 5_000
DAY_AGO = NOON - HANDLED_FOR
BEFORE = DAY_AGO - timedelta(milliseconds=1)


def test_a_document_remembers_id_digest_version_and_time() -> None:
    context = a_context(command_id="c-1", digest="d-1")
    assert handled_entry(context, 7, NOON) == {
        "id": "c-1",
        "digest": "d-1",
        "version": 7,
        "at": NOON,
    }


@pytest.mark.parametrize(
    ("version", "at", "forgotten"),
    [
        (1, BEFORE, False),  # the creation
        (NEWEST, BEFORE, False),
        (NEWEST - LEAST_HANDLED + 1, BEFORE, False),
        (NEWEST - LEAST_HANDLED, BEFORE, True),
        (NEWEST - LEAST_HANDLED, DAY_AGO, False),
        (NEWEST - MOST_HANDLED + 1, NOON, False),
        (NEWEST - MOST_HANDLED, NOON, True),
        (2, NOON, True),
    ],
)
def test_the_creation_the_latest_hundred_and_a_day_s_thousand_are_remembered(
    version: int, at: datetime, forgotten: bool
) -> None:
    entry = handled_entry(a_context(), version, at)
    assert is_forgotten(entry, NEWEST, NOON) is forgotten


def test_now_and_then_old_commands_are_forgotten() -> None:
    assert [each for each in range(1, 301) if forgets_after(each)] == [
        *range(LEAST_HANDLED + FORGETTING_EVERY, 301, FORGETTING_EVERY)
    ]


def test_a_repeat_is_a_command_with_the_same_id_and_the_same_content() -> None:
    first, second = a_context(command_id="c-1"), a_context(command_id="c-2")
    entries = [handled_entry(each, number, NOON) for number, each in [(1, first), (2, second)]]
    document = {"_id": "o-1", "handled": entries}
    earlier = earlier_result(document, second)
    assert earlier is not None
    assert (earlier.id, earlier.version, earlier.repeated) == ("o-1", 2, True)
    for unknown in (None, {"_id": "o-1"}, {"_id": "o-1", "handled": entries[:1]}):
        assert earlier_result(unknown, second) is None
    with pytest.raises(
        CommandMismatch, match=r"^This idempotency key was used before, for another"
    ):
        earlier_result(document, a_context(command_id="c-2", digest="another"))


def test_refusals_speak_of_the_aggregate_by_its_name() -> None:
    refusals = Refusals(Order)
    assert refusals.missing("o-1").args == NotFound("order", "o-1").args
    for document in (None, {"_id": "o-1", "deleted_at": NOON}):
        with pytest.raises(NotFound, match="o-1"):
            refusals.require_alive(document, "o-1")
    assert refusals.require_alive({"_id": "o-1"}, "o-1") == {"_id": "o-1"}
    assert str(refusals.stale()).startswith("The order changed meanwhile; read it again")
    assert str(refusals.already_exists("sku", "name")) == "Another order has this sku and name."
    assert refusals.already_exists("sku").code == "order_already_exists"
    assert f"At most {MOST_PENDING} events of one order wait" in str(refusals.outbox_full())


@pytest.mark.parametrize("key", ["!", "~" * 255, "a1-B"])
def test_the_same_key_of_the_same_caller_is_the_same_command(key: str) -> None:
    command = command_id_of(key, "maria")
    assert command == command_id_of(key, "maria")
    assert command not in {command_id_of(key, "joan"), command_id_of(f"{key[:-1]}x", "maria")}


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "\x7f", "a\n", "~" * 256])
def test_a_malformed_key_is_refused(key: str) -> None:
    with pytest.raises(RequestRefused, match=r"^Idempotency-Key must be 1 to 255 visible") as told:
        command_id_of(key, "maria")
    assert (told.value.code, told.value.status) == ("malformed_idempotency_key", 400)


def test_without_a_key_every_request_is_a_command_of_its_own() -> None:
    assert command_id_of(None, "maria") != command_id_of(None, "maria")
