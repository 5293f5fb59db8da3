"""Rules of a model are understood, or their faults reported with their lines."""

import pytest

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.rule_expressions import BadExpression, parse_rule
from carafe.development.discovery.source import Source
from carafe.development.scaffold.rule_code import broken, calls_of
from tests.support.loan_model import faults, line_of
from tests.support.ruled_model import WIDE, before_close, with_rule


@pytest.mark.parametrize(
    ("that", "condition"),
    [
        ("count < most", "count >= most"),
        ("count <= most - 2", "count > most - 2"),
        ("5 > count", "count >= 5"),
        ("lent_at < due_at", "due_at is not None and lent_at >= due_at"),
        (
            "due_at - lent_at <= 3 weeks 1 day",
            "due_at is not None and due_at - lent_at > timedelta(weeks=3, days=1)",
        ),
        ("day >= 2026-01-31", "day < date(2026, 1, 31)"),
        ("opens >= 08:30", "opens < time(8, 30)"),
        ('kind == "open"', "kind is not State.OPEN"),
        ('kind != "open"', "kind is State.OPEN"),
        ('book_id != "x"', None),
        ("is_new == true", "not is_new"),
        ("is_new != true", "is_new"),
        ("len(titles) <= 10", "len(titles) > 10"),
        ('mark.room == "A"', "mark.room != 'A'"),
        ("mark.shelf < 100", "mark.shelf is not None and mark.shelf >= 100"),
        ("len(mark.room) < 100", "len(mark.room) >= 100"),
    ],
)
def test_a_rule_becomes_the_condition_under_which_it_is_broken(
    that: str, condition: str | None
) -> None:
    if condition is None:
        assert "which rules do not compare" in faults(with_rule(that))[0][1]
        return
    (loan,) = resolve(Source(with_rule(that), "model.yaml")).aggregates
    assert [broken(each) for rule in loan.rules for each in rule.conditions] == [condition]


@pytest.mark.parametrize(
    ("that", "takes", "call"),
    [
        ("now <= lent_at + 3 days", "[]", "_require_it_is_so(at=at, lent_at=self.lent_at)"),
        ("count >= before.count", "[count]", "count=count, count_before=self.count"),
        ("remark == count", "[remark: integer(1..9)]", "remark=remark, count=self.count"),
    ],
)
def test_a_rule_before_a_behaviour_knows_its_parameters_and_the_present(
    that: str, takes: str, call: str
) -> None:
    (loan,) = resolve(Source(before_close(that, takes), "model.yaml")).aggregates
    (found,) = calls_of(loan, loan.behaviors[1])
    assert call in found


def test_a_rule_of_an_aggregate_is_checked_by_who_can_break_it() -> None:
    text = with_rule("count <= most").replace(
        "{description: End,", "{description: End, takes: [count],"
    )
    (loan,) = resolve(Source(text, "model.yaml")).aggregates
    assert [calls_of(loan, each) for each in loan.behaviors] == [
        ("_require_it_is_so(count=count, most=most)",),
        ("_require_it_is_so(count=count, most=self.most)",),
    ]
    (loan,) = resolve(Source(with_rule("count <= most"), "model.yaml")).aggregates
    assert calls_of(loan, loan.behaviors[1]) == ()


@pytest.mark.parametrize(
    ("that", "message"),
    [
        ("count", "is not one comparison"),
        ("1 < count < 5", "is not one comparison"),
        ("count < ", "has a value or a sign too many, or too few"),
        ("count * 2 < most", "'* 2 < most' is no part of a rule"),
        ("day > 2026-02-30", "there is no date 2026-02-30"),
        ("lent_at > now", "now is known in the rules of behaviours only"),
        ("lent_at > day", "a moment cannot be compared with a date"),
        ("count > day", "an integer cannot be compared with a date"),
        ("due_at > lent_at + 2 fortnights", "fortnights has no fixed length"),
        ("day > day + 90 minutes", "one value with another"),
        ("day > 2026-01-01 + 90 minutes", "a date moves by whole days"),
        ("lent_at + due_at > lent_at", "one value with another"),
        ("count + most < 9", "it does not add them"),
        ("count + 1 day < 9", "a duration cannot be added to an integer"),
        ('kind < "open"', "a State has no order"),
        ('kind == "lost"', "State has no value lost"),
        ("colour == 1", "Loan has no colour"),
        ("mark.colour == 1", "Mark has no colour"),
        ("titles == 1", "titles is a list"),
        ("mark == 1", "mark is of type Mark"),
        ("len(count) == 1", "count is neither a list nor a text"),
        ('status == "open"', "the status has `when` and `becomes`"),
        ("1 < 2", "a rule compares one value with another"),
        ("count > 9", "no example keeps ItIsSo"),
        ('mark.room == "much too long a room"', "no example keeps ItIsSo"),
    ],
)
def test_a_rule_that_cannot_be_is_reported_with_its_line(that: str, message: str) -> None:
    text = with_rule(that)
    found = faults(text)
    assert [(line, message in fault) for line, fault in found] == [
        (line_of(text, "ItIsSo"), True)
    ], found


def test_rules_that_contradict_each_other_are_reported() -> None:
    text = with_rule("count < most").replace("    events:\n", "    events:\n", 1)
    again = "      Other: {that: most < count, otherwise: It is not.}\n    events:\n"
    text = text.replace("    events:\n", again)
    (fault,) = faults(text)
    assert fault[0] == line_of(text, "Other")
    assert "no example keeps Other and the rules before it" in fault[1]


def test_one_name_says_one_thing() -> None:
    text = with_rule("count <= most")
    rule = "{ItIsSo: {that: count <= 5, otherwise: It is so.}}"
    text = text.replace("{description: End,", f"{{description: End, rules: {rule},")
    (fault,) = faults(text)
    assert "ItIsSo says something else before" in fault[1]


def test_names_of_the_classes_of_dates_and_times_are_refused_beside_them() -> None:
    text = WIDE.replace("      day: date\n", "      day: date\n      date: text(9)?\n")
    (fault,) = faults(text)
    assert fault == (
        line_of(text, "date: text(9)?"),
        "date is the name of the type itself: choose another",
    )


@pytest.mark.parametrize("text", ["", "<", "a <", "a < b < c", "a ? b", "a - - b < c", "-a < b"])
def test_what_is_no_comparison_is_refused(text: str) -> None:
    with pytest.raises(BadExpression):
        parse_rule(text)
