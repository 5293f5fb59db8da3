"""The interview asks whose an aggregate is, what is unique, and for timers that can call."""

from pathlib import Path

import pytest

from carafe.development.discovery.aggregate_model import Aggregate
from carafe.development.discovery.unique_model import UniqueCombination
from tests.support.interviews import ask, make_service, model
from tests.support.rental_model import RIGHT, WHOLE


@pytest.fixture(autouse=True)
def _service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    make_service(tmp_path)


VISIT = [
    *("Visit", "somebody comes"),
    *("guest_id", "identifier", "badge", "text(20)", "ends_at", "moment", "is_paid", "boolean"),
    *("note", "text?", "left_at", "moment?", "", "guest_id"),
]
BEHAVIORS = [
    *("plan", "begin", "", "VisitPlanned", "it was planned", ""),
    *("postpone", "move it", "ends_at", "", "VisitPostponed", "it was moved", ""),
    *("end", "end it", "", "", "VisitEnded", "it is over", "-", ""),
]
REST = ["", "", "", "", ""]


def visit(unique: list[str], timers: list[str]) -> tuple[Aggregate, str]:
    """Return the aggregate that the answers make up, and what was said."""
    output = ask([*VISIT, *unique, *BEHAVIORS, *timers, *REST], "--dry-run").output
    (aggregate,) = model(output).aggregates
    return aggregate, output


def test_whose_it_is_must_be_chosen_and_only_the_creation_takes_the_owner() -> None:
    at = WHOLE.index("shared")
    taken = WHOLE.index("condition", at)
    owned = [*WHOLE[:at], "", "shelf", "book_id", *WHOLE[at + 1 : taken], "condition book_id"]
    output = ask([*owned, *WHOLE[taken:]], "--dry-run").output
    assert "An empty answer does not fit" in output
    assert "There is no shelf; there are book_id, shared." in output
    assert "There is no book_id; there are shelf, notes, condition." in output
    assert "    description: A book in the hands of a member.\n    owner: book_id\n" in output
    (rental,) = model(output).aggregates
    assert (rental.owner, rental.is_shared) == (rental.attributes[0], False)


def test_an_owner_that_was_forgotten_becomes_an_attribute() -> None:
    at = WHOLE.index("shared")
    answers = [*WHOLE[:at], "membr_id", "n", "id", "member_id", "y", "", *WHOLE[at + 3 :]]
    output = ask(answers, "--dry-run").output
    assert "Whose is a rental? (book_id or a new name: callers see and change their own" in output
    assert "Add membr_id, an identifier? [y/N]: n" in output
    assert "The name id is taken by Python or by the foundation." in output
    (rental,) = model(output).aggregates
    assert rental.owner is rental.attributes[-1]
    assert rental.owner.name == "member_id"
    assert rental.owner in rental.creation.takes


@pytest.mark.parametrize(
    ("after", "wrong", "message"),
    [
        ("shared", "status", "status cannot be unique: that is for a single text"),
        ("shared", "shelf", "There is no shelf; there are book_id, status."),
        ("the book should be back", "close", "There is no close; there are call_overdue, forget."),
        ("ReturnDue", "", "An empty answer does not fit; needed: a sentence of 3 to 80"),
        ("call_overdue", "call_overdue", "Another behaviour than call_overdue sets it first"),
        ("call_overdue", "-", "Another behaviour than call_overdue sets it first: name one."),
        ("call_overdue", "forget", "There is no forget; there are rent, call_overdue, close."),
        ("21 days", "rent", "There is no rent; there are close."),
    ],
)
def test_a_wrong_name_is_asked_for_again(after: str, wrong: str, message: str) -> None:
    at = len(WHOLE) - WHOLE[::-1].index(after)
    output = ask([*WHOLE[:at], wrong, *WHOLE[at:]], "--dry-run").output
    assert message in output
    assert model(output) == RIGHT


def test_one_attribute_is_unique_by_itself_and_several_are_together() -> None:
    unique = ["badge", "", "badge", "ends_at badge guest_id", "is_paid true", ""]
    aggregate, output = visit(unique, [""])
    assert [each.name for each in aggregate.attributes if each.unique] == ["badge"]
    assert aggregate.unique == (
        UniqueCombination(("ends_at", "badge", "guest_id"), (("is_paid", (True,)),)),
    )
    assert "You have said badge already." in output
    assert "of guest_id badge ends_at is_paid; several" in output


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("is_paid", "is_paid cannot be unique: that is for a single text, identifier"),
        ("badge note", "There is no note; there are guest_id, badge, ends_at, is_paid."),
    ],
)
def test_what_cannot_be_unique_is_refused(names: str, message: str) -> None:
    aggregate, output = visit([names, ""], [""])
    assert message in output
    assert not aggregate.unique


def test_an_owner_is_unique_among_some_only() -> None:
    aggregate, output = visit(["guest_id", "", "is_paid false", ""], [""])
    assert "guest_id is the owner, who could have only one: say among which it is so." in output
    assert aggregate.unique == (UniqueCombination(("guest_id",), (("is_paid", (False,)),)),)


def test_an_owner_is_not_unique_where_nothing_tells_some_from_others() -> None:
    answers = ["Cart", "what somebody buys", "guest_id", "identifier", "", "guest_id"]
    behavior = ["fill", "begin", "", "CartFilled", "it was filled", "", ""]
    output = ask([*answers, "guest_id", "", *behavior, *REST], "--dry-run").output
    assert "guest_id is the owner, who could have only one: name another one with it." in output
    assert not model(output).aggregates[0].unique


def test_a_timer_is_due_at_a_moment_and_set_by_several_behaviours() -> None:
    timers = ["Leaving", "they should be gone", "", "plan postpone", "left_at", "ends_at", ""]
    aggregate, output = visit([""], timers)
    assert "or a moment of ends_at" in output
    assert (
        "'left_at' is not a duration; examples: 30 minutes, 1 day 12 hours. There is also ends_at."
        in output
    )
    (timer,) = aggregate.timers
    assert (timer.name, timer.behavior.name) == ("Leaving", "end")
    due = {each.name: each.timers[0].due for each in aggregate.behaviors if each.timers}
    assert {name: getattr(each, "name", each) for name, each in due.items()} == {
        "plan": "ends_at",
        "postpone": "ends_at",
    }


def test_a_timer_is_cancelled_by_none_if_none_leads_away() -> None:
    timers = ["Leaving", "they should be gone", "", "", "2 hours", "", ""]
    aggregate, output = visit([""], timers)
    assert "Which behaviours cancel it? (of postpone; - for none): " in output
    assert not any(each.cancels for each in aggregate.behaviors)


def test_a_timer_calls_what_no_command_does_unless_another_is_named() -> None:
    at = len(WHOLE) - WHOLE[::-1].index("call_overdue")
    output = ask([*WHOLE[: at - 1], "", *WHOLE[at:]], "--dry-run").output
    assert "Which behaviour does it call? (of call_overdue forget) [call_overdue]: " in output
    assert model(output) == RIGHT


def test_the_suggestion_to_cancel_can_be_declined() -> None:
    at = WHOLE.index("21 days") + 1
    (rental,) = model(ask([*WHOLE[:at], "-", *WHOLE[at + 1 :]], "--dry-run").output).aggregates
    assert not any(each.cancels for each in rental.behaviors)


def test_every_status_is_led_to_before_the_behaviours_end() -> None:
    at = WHOLE.index("close")
    output = ask([*WHOLE[:at], "", *WHOLE[at:]], "--dry-run").output
    assert "Nothing leads to back: name the behaviour that does." in output
    assert model(output) == RIGHT


def test_nothing_is_asked_where_nothing_can_be_unique_and_no_timer_can_call() -> None:
    switch = ["Switch", "it is on or off", "is_on", "boolean", "", "shared"]
    behavior = ["fit", "begin", "", "SwitchFitted", "it was fitted", "", ""]
    output = ask([*switch, *behavior, "", "", "", "", ""], "--dry-run").output
    assert "What is unique?" not in output
    assert "Timer of the switch" not in output
    assert not model(output).aggregates[0].timers
