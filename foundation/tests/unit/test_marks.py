"""Marks of documents that meet a choice of values."""

from typing import Any

import pytest

from carafe.infrastructure.database.mongo.marks import (
    Choice,
    choices_of,
    unmarked,
    with_marks,
    wrongly_marked,
)
from tests.support.tickets import Coupon, Ticket

STATUS = Choice("status", ("booked", "paid"))
CITY = Choice("address.city", ("Bad Urach", "Halle/Saale"))
PAID = Choice("is_paid", (True, 7))


def test_the_choices_of_an_aggregate_are_those_of_its_indexes() -> None:
    assert choices_of(Ticket) == (STATUS,)
    assert choices_of(Coupon) == ()


@pytest.mark.parametrize(
    ("choice", "mark"),
    [
        (STATUS, "_marks.status_is_booked_or_paid"),
        (CITY, "_marks.address_city_is_Bad_Urach_or_Halle_Saale"),
        (PAID, "_marks.is_paid_is_True_or_7"),
    ],
)
def test_a_mark_says_what_it_marks(choice: Choice, mark: str) -> None:
    assert choice.mark == mark


@pytest.mark.parametrize(
    ("choice", "state", "is_met"),
    [
        (STATUS, {"status": "paid"}, True),
        (STATUS, {"status": "cancelled"}, False),
        (STATUS, {"status": None}, False),
        (STATUS, {}, False),
        (CITY, {"address": {"city": "Bad Urach"}}, True),
        (CITY, {"address": {"city": "Leipzig"}}, False),
        (CITY, {"address": {}}, False),
        (CITY, {"address": None}, False),
        (CITY, {"address": "Bad Urach"}, False),
        (CITY, {"address.city": "Bad Urach"}, False),
    ],
)
def test_a_choice_is_met_by_the_values_it_names(
    choice: Choice, state: dict[str, Any], *, is_met: bool
) -> None:
    assert choice.is_met(state) is is_met
    name = choice.mark.removeprefix("_marks.")
    document = {"_id": "t-1"}
    expected = {"_id": "t-1", "_marks": {name: True}} if is_met else {"_id": "t-1"}
    assert with_marks(document, state, (choice,)) == expected
    assert document == {"_id": "t-1"}


def test_what_lacks_its_mark_and_what_has_it_wrongly_is_asked_for() -> None:
    assert unmarked(CITY) == {
        "address.city": {"$in": ["Bad Urach", "Halle/Saale"]},
        "_marks.address_city_is_Bad_Urach_or_Halle_Saale": {"$exists": False},
    }
    assert wrongly_marked(CITY) == {
        "address.city": {"$nin": ["Bad Urach", "Halle/Saale"]},
        "_marks.address_city_is_Bad_Urach_or_Halle_Saale": {"$exists": True},
    }
