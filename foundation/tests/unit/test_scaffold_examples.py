"""Example values are valid by default: within their bounds, in order, and unlike each other."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from carafe.development.discovery.model import (
    Aggregate,
    Attribute,
    Behavior,
    Enumeration,
    Model,
    TimerSetting,
    Value,
)
from carafe.development.discovery.types import parse_type
from carafe.development.scaffold import code
from carafe.development.scaffold.example_code import constant_of, function_of
from carafe.development.scaffold.examples import Examples
from carafe.development.scaffold.rendering import wrapped

ENUMERATIONS = {
    "Side": Enumeration("Side", "Which side.", ("left", "right")),
    "Only": Enumeration("Only", "One value.", ("one",)),
}


def attributes(*types: str) -> list[Attribute]:
    """Return the attributes a, b, ... of a value Slot."""
    named = zip("abcdefghij", types, strict=False)
    return [Attribute(name, parse_type(each), "Slot") for name, each in named]


def examples_of(own: Sequence[Attribute], *, is_entity: bool = False) -> Examples:
    """Return the examples of a model with the value Slot, and Tour, which contains it."""
    slot = Value("Slot", "A slot.", tuple(own), is_entity)
    tour = Value("Tour", "A tour.", (Attribute("slot", parse_type("Slot"), "Tour"),))
    return Examples(Model("lending", ENUMERATIONS, {"Slot": slot, "Tour": tour}))


def test_moments_ascend_in_the_order_of_declaration_everywhere() -> None:
    own = attributes("moment", "text", "moment?", "list of moment")
    examples = examples_of(own)
    moments = [own[0], own[2], own[3]]
    assert [examples.domain(each) for each in moments] == [
        *("NOON", "NOON + timedelta(hours=2)", "(NOON + timedelta(hours=4),)")
    ]
    assert [examples.moment(each) for each in moments] == [
        f"2026-03-01T{hour}:00:00Z" for hour in (12, 14, 16)
    ]
    assert [code.contract_type(each, examples) for each in moments[:2]] == [
        "Moment",
        'Annotated[Moment, shown_as("2026-03-01T14:00:00Z")] | None',
    ]
    assert examples.changed(own[2]) == "NOON + timedelta(hours=3)"


@pytest.mark.parametrize("kind", ["integer(4000000..9000000)", "integer(4000000..9000000)?"])
def test_a_number_may_be_larger_than_every_date(kind: str) -> None:
    (number,) = attributes(kind)
    examples = examples_of([number])
    assert str(number.type.least) in examples.wire(number)
    assert str(number.type.least) in examples.domain(number)


def test_what_a_timer_is_set_to_lies_ahead_and_so_do_the_moments_after_it() -> None:
    own = [replace(each, owner="Loan") for each in attributes(*["moment"] * 3)]
    lend = Behavior("lend", "Lend.", (), "Lent", timers=(TimerSetting("DueBack", own[1]),))
    loan = Aggregate("Loan", "A loan.", "loans", tuple(own), (lend,), ())
    examples = Examples(Model("lending", aggregates=(loan,)))
    assert [examples.moment(each) for each in own] == [
        *("2026-03-01T12:00:00Z", "2099-03-01T16:00:00Z", "2099-03-01T18:00:00Z")
    ]
    assert [examples.seconds(each) // 3600 for each in own] == [0, 4, 6]


def test_a_moment_that_a_timer_waits_for_is_never_the_present_one() -> None:
    (due,) = (replace(each, owner="Loan") for each in attributes("moment"))
    lend = Behavior("lend", "Lend.", (due,), "Lent", timers=(TimerSetting("DueBack", due),))
    loan = Aggregate("Loan", "A loan.", "loans", (due,), (lend,), ())
    assert Examples(Model("lending", aggregates=(loan,))).domain(due) == "NOON + timedelta(hours=2)"


def test_the_seventh_moment_is_on_the_next_day() -> None:
    own = attributes(*["moment"] * 7)
    assert examples_of(own).moment(own[6]) == "2026-03-02T00:00:00Z"


@pytest.mark.parametrize(
    ("types", "numbers"),
    [
        (["integer", "integer"], [1, 3]),
        (["integer(0..10)", "integer(0..10)", "integer(0..4)"], [1, 3, 4]),
        (["integer(0..1)", "integer(0..1)"], [1, 1]),
        (["integer(7..9)", "integer(0..5)"], [7, 5]),
        (["integer(0..5)", "integer(7..9)"], [1, 7]),
    ],
)
def test_integers_ascend_within_their_bounds(types: list[str], numbers: list[int]) -> None:
    own = attributes(*types)
    examples = examples_of(own)
    assert [examples.number(each) for each in own] == numbers
    for each in own:
        changed = int(examples.changed(each))
        assert each.type.least <= changed <= each.type.most
        assert changed != examples.number(each)


@pytest.mark.parametrize(
    ("kind", "example", "changed"),
    [
        ("text(1)", "'A'", "'B'"),
        ("text(100)", "'A'", "'Another a'"),
        ("boolean", "True", "False"),
        ("Side", "Side.LEFT", "Side.RIGHT"),
        ("Only", "Only.ONE", "Only.ONE"),
        ("list of Side", "(Side.LEFT,)", "(Side.LEFT,)"),
        ("Tour", "a_tour()", "a_tour()"),
    ],
)
def test_a_change_is_another_example(kind: str, example: str, changed: str) -> None:
    (own,) = attributes(kind)
    examples = examples_of([own])
    assert (examples.domain(own), examples.changed(own)) == (example, changed)


@pytest.mark.parametrize(
    ("kind", "comparison"),
    [("boolean?", "is"), ("Side", "is"), ("list of boolean", "=="), ("text", "==")],
)
def test_truths_and_enumerations_are_compared_by_identity(kind: str, comparison: str) -> None:
    (own,) = attributes(kind)
    assert examples_of([own]).comparison(own) == comparison


@pytest.mark.parametrize("is_entity", [True, False])
def test_an_entity_is_found_within_a_value(*, is_entity: bool) -> None:
    (tour,) = attributes("list of Tour")
    assert examples_of(attributes("text"), is_entity=is_entity).has_entity(tour) is is_entity


def test_values_are_those_of_the_tests_support() -> None:
    (own,) = attributes("list of Tour")
    assert examples_of([]).wire(own) == "[A_TOUR]"
    assert (function_of("ShelfMark"), constant_of("Entry")) == ("a_shelf_mark", "AN_ENTRY")


def test_what_is_too_long_for_a_line_is_wrapped() -> None:
    text = "TODO: " + "word " * 30
    first, second = wrapped(text, 10, "# ").split("\n")
    assert len(first) <= 90
    assert second.startswith(" " * 10 + "# word")
