"""Examples that a model's rules accept, and what the tests of these rules are."""

import pytest

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.scaffold.examples import Examples
from carafe.development.scaffold.rule_refusals import Refusals
from carafe.development.scaffold.rule_trials import Trials
from tests.support.ruled_model import WIDE, before_close, with_rule


def test_examples_keep_all_rules() -> None:
    text = with_rule("due_at - lent_at == 45 minutes")
    model = resolve(Source(text, "model.yaml"))
    attributes = {each.name: each for each in model.aggregates[0].attributes}
    examples = Examples(model)
    assert examples.domain(attributes["lent_at"]) == "NOON + timedelta(minutes=75)"
    assert examples.moment(attributes["lent_at"]) == "2026-03-01T13:15:00Z"
    assert examples.domain(attributes["due_at"]) == "NOON + timedelta(hours=2)"


def test_what_must_lie_ahead_does_so_whenever_a_request_is_sent() -> None:
    model = resolve(Source(before_close("now <= lent_at - 24 hours"), "model.yaml"))
    (loan,) = model.aggregates
    attributes = {each.name: each for each in loan.attributes}
    examples = Examples(model)
    assert examples.domain(attributes["lent_at"]) == "NOON + timedelta(hours=24)"
    assert examples.moment(attributes["lent_at"]) == "2099-03-02T12:00:00Z"
    assert examples.present(loan.behaviors[1], loan) == "NOON"


def test_what_lies_ahead_may_begin_on_the_29th_of_february() -> None:
    model = resolve(Source(before_close("now <= lent_at - 730 days"), "model.yaml"))
    (lent_at,) = (each for each in model.aggregates[0].attributes if each.name == "lent_at")
    examples = Examples(model)
    assert examples.domain(lent_at) == "NOON + timedelta(hours=17520)"
    assert examples.moment(lent_at) == "2101-03-01T12:00:00Z"


def test_a_test_calls_a_behaviour_when_its_rules_allow_it() -> None:
    text = before_close("now >= lent_at + 2 days")
    ahead = "rules: {Ahead: {that: now < lent_at, otherwise: It lies ahead.}}, creates: true,"
    model = resolve(Source(text.replace("creates: true,", ahead), "model.yaml"))
    (loan,) = model.aggregates
    attributes = {each.name: each for each in loan.attributes}
    examples = Examples(model)
    assert examples.domain(attributes["lent_at"]) == "NOON + timedelta(hours=2)"
    assert examples.present(loan.behaviors[1], loan) == "NOON + timedelta(hours=50)"
    opening, closing = loan.commands
    assert Trials(examples).are_kept([opening], loan)
    assert not Trials(examples).are_kept([closing], loan)


@pytest.mark.parametrize("that", ["count > before.count", "before.count != count"])
def test_a_change_to_another_value_is_made_by_unit_tests_and_by_requests(that: str) -> None:
    model = resolve(Source(before_close(that, "[count]"), "model.yaml"))
    (loan,) = model.aggregates
    examples = Examples(model)
    opening, closing = loan.commands
    (count,) = closing.behavior.takes
    trials = Trials(examples)
    assert trials.are_kept([opening], loan)
    assert trials.are_kept([closing], loan)
    assert trials.body(count, opening, loan) == examples.wire(count) == examples.domain(count)
    assert trials.body(count, closing, loan) == examples.changed(count)
    (refusal,) = Refusals(model, examples).of_behavior(closing.behavior, loan)
    assert refusal.arguments == {"count": examples.domain(count)}
    assert examples.domain(count) != examples.changed(count)


@pytest.mark.parametrize(
    ("that", "lent_at", "refused"),
    [
        ("now <= lent_at - 24 hours", "NOON + timedelta(hours=24)", "NOON + timedelta(hours=2)"),
        ("now >= lent_at + 2 days", "NOON - timedelta(hours=49)", "NOON - timedelta(hours=2)"),
    ],
)
def test_tests_of_rules_hold_while_each_example_is_later_than_the_one_before(
    that: str, lent_at: str, refused: str
) -> None:
    text = before_close(that).replace("lent_at: moment", "lent_at: {type: moment, unique: true}")
    model = resolve(Source(text, "model.yaml"))
    (loan,) = model.aggregates
    examples = Examples(model)
    (refusal,) = Refusals(model, examples).of_behavior(loan.behaviors[1], loan)
    attributes = {each.name: each for each in loan.attributes}
    assert examples.domain(attributes["lent_at"]) == lent_at
    assert refusal.arguments == {"at": refused}


@pytest.mark.parametrize(
    ("that", "numbers", "another"),
    [
        ("count >= before.count", "another_number(1, 200)", "200"),
        ("count != before.count", "another_number(1, 200)", "202"),
        ("count <= 300", "another_number(1, 200)", "2"),
        ("count >= 300", "another_number(300, 499)", "301"),
    ],
)
def test_unique_numbers_keep_rules_as_they_rise(that: str, numbers: str, another: str) -> None:
    unique = "count: {type: integer(1..999), unique: true}"
    text = before_close(that, "[count]").replace("count: integer(1..9)", unique)
    model = resolve(Source(text, "model.yaml"))
    (count,) = (each for each in model.aggregates[0].attributes if each.name == "count")
    examples = Examples(model)
    assert examples.distinct(count) == numbers
    assert examples.changed(count) == another


def test_texts_are_as_long_as_that_of_which_a_rule_knows_the_length() -> None:
    text = WIDE.replace("titles: list of text(40)", "titles: text(40)")
    free, ruled = (
        _titles(text),
        _titles(with_rule("len(titles) < 9").replace("list of text", "text")),
    )
    assert free == ("another('Titles', 40)", "'Another titles'")
    assert ruled == ("another('Titles', 6)", "'TitleA'")


def _titles(text: str) -> tuple[str, str]:
    """Return what makes titles, and another title, as code."""
    model = resolve(Source(text, "model.yaml"))
    (titles,) = (each for each in model.aggregates[0].attributes if each.name == "titles")
    examples = Examples(model)
    return examples.distinct(titles), examples.changed(titles)


def with_timer(text: str, behavior: str) -> str:
    """Return a model in which a behaviour sets a timer to the moment that it takes."""
    timers = "    timers: {Due: {description: It is due, behavior: expire}}\n    behaviors:\n"
    expiry = "      expire: {description: Expire, records: LoanClosed}\n"
    text = text.replace("    behaviors:\n", f"{timers}{expiry}")
    return text.replace(
        f"{{description: {behavior},", f"{{description: {behavior}, sets: {{Due: lent_at}},", 1
    )


def test_a_call_that_a_rule_refuses_sets_timers_ahead_all_the_same() -> None:
    """Otherwise the timer would be refused first."""
    text = with_timer(before_close("now <= before.lent_at", "[lent_at]"), "End")
    model = resolve(Source(text, "model.yaml"))
    (loan,) = model.aggregates
    examples = Examples(model)
    closing = next(each for each in loan.behaviors if each.name == "close")
    (refusal,) = Refusals(model, examples).of_behavior(closing, loan)
    (lent_at,) = closing.takes
    assert examples.domain(lent_at) == "NOON + timedelta(hours=2)"
    assert refusal.arguments == {"at": "NOON + timedelta(seconds=7201)"}
    assert examples.changed(lent_at) == "NOON + timedelta(hours=3)"


def test_a_rule_that_only_a_timer_in_the_past_would_break_is_not_broken() -> None:
    rule = "rules: {Ahead: {that: now < lent_at + 2 hours, otherwise: It lies ahead.}}, creates"
    text = with_timer(WIDE.replace("creates", rule, 1), "Begin")
    model = resolve(Source(text, "model.yaml"))
    (loan,) = model.aggregates
    assert Refusals(model, Examples(model)).of_behavior(loan.creation, loan) == []
