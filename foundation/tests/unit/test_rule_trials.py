"""Tests call behaviours in a row only where that keeps all rules."""

import pytest

from carafe.development.discovery.model import Aggregate
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.scaffold.examples import Examples
from carafe.development.scaffold.rule_trials import Trials

MODEL = """\
context: lending
aggregates:
  Loan:
    description: A book in the hands of a member
    shared: true
    attributes: {{count: integer, most: integer, lent_at: moment, due_at: moment}}
    events: {{LoanOpened: {{description: It began}}, LoanChanged: {{description: It changed}}}}
    rules: {{{rules}}}
    timers: {{LoanOver: {{description: It is over, behavior: expire}}}}
    behaviors:
      begin:
        description: Begin
        creates: true
        takes: [count, most, lent_at, due_at]
        rules: {{{first}}}
        records: LoanOpened
      set_count: {{description: Set it, takes: [count], records: LoanChanged}}
      raise_count:
        description: Raise it
        takes: [{taken}]
        rules: {{{own}}}
        sets: {{LoanOver: {due}}}
        records: LoanChanged
      expire: {{description: End it, records: LoanChanged}}
    commands:
      BeginLoan: {{behavior: begin}}
      SetLoan: {{behavior: set_count}}
      RaiseLoan: {{behavior: raise_count}}
subscriptions:
  post.loan.raised.v1:
    description: It was raised elsewhere
    attributes: {{loan_id: identifier, count: integer, most: integer, due_at: moment}}
    behavior: Loan.raise_count
    identifier: loan_id
"""


def rule(that: str) -> str:
    """Return a rule, whose name says nothing."""
    return f"ItIs{sum(map(ord, that))}: {{that: {that}, otherwise: It is so.}}"


ANY = rule("most >= 0")
USUAL = {"rules": ANY, "first": ANY, "taken": "count", "own": ANY, "due": "1 day"}


def loans(parts: dict[str, str]) -> tuple[Aggregate, Trials, Examples]:
    """Return the aggregate of a model with some parts of its own, and trials."""
    model = resolve(Source(MODEL.format(**USUAL | parts), "model.yaml"))
    examples = Examples(model)
    return model.aggregates[0], Trials(examples), examples


MORE = {"own": rule("count > before.count")}


def test_a_request_may_say_something_else_only_once() -> None:
    """Its body is the same each time."""
    loan, trials, _ = loans(MORE)
    _, setting, raising = loan.commands
    assert trials.are_kept([raising], loan)
    assert trials.are_kept([setting, raising], loan)
    assert not trials.are_kept([raising, raising], loan)


def test_a_request_that_says_something_else_is_not_made_against_another_rule() -> None:
    equal = "count == most - 1"
    own = f"ItRises: {{that: [count > before.count, {equal}], otherwise: It is so.}}"
    loan, trials, _ = loans({"taken": "count, most", "first": rule(equal), "own": own})
    raising = loan.commands[-1]
    assert trials.are_possible([raising.behavior], loan)
    assert not trials.are_kept([raising], loan)


def test_two_changes_of_a_unit_test_take_the_same_value() -> None:
    loan, trials, _ = loans(MORE)
    _, changing, raising, _ = loan.behaviors
    assert trials.are_possible([changing], loan)
    assert trials.are_possible([raising], loan)
    assert not trials.are_possible([changing, raising], loan)


def test_an_event_tells_another_value_where_the_example_breaks_a_rule() -> None:
    for own, told in ((ANY, "1"), (rule("count >= before.count"), "1"), (MORE["own"], "2")):
        loan, trials, _ = loans({"own": own})
        (event,) = loan.subscriptions
        _, count, most, _ = event.attributes
        assert (trials.told(count, event, loan), trials.told(most, event, loan)) == (told, "3")


@pytest.mark.parametrize(
    ("within", "told"),
    [("36000 days", "'2099-03-01T16:00:00Z'"), ("30 days", "'2026-03-01T17:00:00Z'")],
)
def test_an_event_tells_a_moment_that_fits_those_of_unit_tests(within: str, told: str) -> None:
    ruled = {"rules": rule(f"due_at <= lent_at + {within}"), "taken": "due_at", "due": "due_at"}
    loan, trials, _ = loans(ruled)
    (event,) = loan.subscriptions
    assert trials.told(event.attributes[-1], event, loan) == told


def test_a_timer_is_set_when_rules_allow_it() -> None:
    loan, trials, _ = loans({})
    assert trials.setting(loan.behaviors[2], loan) == "NOON + timedelta(hours=1)"
    late = {"first": rule("now < lent_at"), "own": rule("now >= lent_at + 2 days")}
    loan, trials, examples = loans(late)
    present = examples.present(loan.behaviors[2], loan)
    assert trials.setting(loan.behaviors[2], loan) == present == "NOON + timedelta(hours=50)"
