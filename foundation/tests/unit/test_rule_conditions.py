"""A rule may be several comparisons, which must all hold."""

import pytest

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.scaffold.examples import Examples
from carafe.development.scaffold.rule_code import broken, calls_of, functions_of
from carafe.development.scaffold.rule_refusals import Refusals
from tests.support.loan_model import faults, line_of
from tests.support.ruled_model import WIDE

SEVERAL = """\
    rules:
      ItIsSo:
        that:
          - count <= most
          - lent_at < due_at
        otherwise: It is so.
    events:
"""


def with_conditions(text: str = SEVERAL) -> str:
    """Return the model with a rule of several comparisons."""
    return WIDE.replace("    events:\n", text)


def test_each_comparison_is_checked_by_one_function_with_one_error() -> None:
    (loan,) = resolve(Source(with_conditions(), "model.yaml")).aggregates
    (function,) = functions_of(loan)
    assert [broken(each) for each in function.rule.conditions] == [
        "count > most",
        "due_at is not None and lent_at >= due_at",
    ]
    assert [name for name, _ in function.parameters] == ["count", "most", "lent_at", "due_at"]


@pytest.mark.parametrize(
    ("taken", "kept"), [("due_at, ", ("due_at=None",)), ("titles, ", ("titles=()",))]
)
def test_one_that_a_creation_cannot_break_is_told_that_its_value_is_missing(
    taken: str, kept: tuple[str, ...]
) -> None:
    text = with_conditions(SEVERAL.replace("otherwise", "  - len(titles) <= 3\n        otherwise"))
    (loan,) = resolve(Source(text.replace(taken, "", 1), "model.yaml")).aggregates
    (call,) = calls_of(loan, loan.creation)
    assert all(each in call for each in kept)
    assert "count=count, most=most" in call


def test_a_rule_whose_values_are_all_missing_is_not_checked() -> None:
    text = WIDE.replace("due_at, ", "", 1).replace("titles, ", "", 1)
    rule = SEVERAL.replace("count <= most", "len(titles) <= 3")
    (loan,) = resolve(Source(text.replace("    events:\n", rule), "model.yaml")).aggregates
    assert calls_of(loan, loan.creation) == ()


def test_a_test_breaks_each_comparison() -> None:
    model = resolve(Source(with_conditions(), "model.yaml"))
    (loan,) = model.aggregates
    refusals = Refusals(model, Examples(model)).of_behavior(loan.creation, loan)
    assert [(each.name, each.rule.code, list(each.arguments)) for each in refusals] == [
        ("it_is_so", "it_is_so", ["count"]),
        ("it_is_so_2", "it_is_so", ["lent_at"]),
    ]


@pytest.mark.parametrize(
    ("line", "instead", "message"),
    [
        ("- lent_at < due_at", "- lent_at < day", "a moment cannot be compared with a date"),
        ("- lent_at < due_at", "- lent_at <", "has a value or a sign too many, or too few"),
        ("- lent_at < due_at", "- count > most", "no example keeps ItIsSo"),
    ],
)
def test_a_fault_is_reported_with_the_line_of_its_comparison(
    line: str, instead: str, message: str
) -> None:
    text = with_conditions(SEVERAL.replace(line, instead))
    (fault,) = faults(text)
    assert message in fault[1]
    assert fault[0] == line_of(text, "ItIsSo" if "example" in message else instead)


@pytest.mark.parametrize("listed", ["[count <= most]", "[count <= most, count <= most]", "[]"])
def test_a_list_has_several_comparisons(listed: str) -> None:
    rule = f"    rules: {{ItIsSo: {{that: {listed}, otherwise: It is so.}}}}\n    events:\n"
    (fault,) = faults(with_conditions(rule))
    assert "a comparison, such as starts_at < ends_at, or a list of several" in fault[1]
