"""A model is right, or each of its mistakes is named by its line."""

from pathlib import Path

import pytest

from workflow.discovery.resolving import model_in
from workflow.discovery.source import BadModel, Source

LENDING = Path(__file__).parents[2] / "docs/workflow/lending.yaml"

RIGHT = """\
context: lending
enumerations:
  State: {description: Where it stands, values: [open, closed]}
aggregates:
  Loan:
    description: A book in the hands of a member
    attributes:
      book_id: identifier
      state_note: text(40)?
      status: State
    events:
      LoanOpened: {description: It began, tells: [book_id]}
      LoanClosed: {description: It is over}
    behaviors:
      open_up:
        {description: Begin, creates: true, takes: [book_id], becomes: open, records: LoanOpened}
      close: {description: End, when: [open], becomes: closed, records: LoanClosed}
    commands:
      OpenLoan: {behavior: open_up}
      CloseLoan: {behavior: close}
    queries:
      GetLoan: {returns: one}
      ListLoans: {returns: page, filters: [status], order: [book_id]}
"""


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(BadModel) as refusal:
        model_in(Source(text, "model.yaml"))
    return [(fault.line, fault.message) for fault in refusal.value.faults]


def line_of(text: str, sign: str) -> int:
    return next(at for at, line in enumerate(text.splitlines(), 1) if sign in line)


def test_the_example_is_right() -> None:
    model = model_in(Source(LENDING.read_text(), "lending.yaml"))
    assert [each.name for each in model.aggregates] == ["Book", "Member", "Loan"]


def test_a_short_model_is_enough() -> None:
    (loan,) = model_in(Source(RIGHT, "model.yaml")).aggregates
    assert [(each.method, each.path) for each in loan.commands] == [
        ("POST", "/loans"),
        ("POST", "/loans/{id}/close"),
    ]
    assert [each.wire_type for each in loan.events] == [
        "lending.loan.opened.v1",
        "lending.loan.closed.v1",
    ]


@pytest.mark.parametrize(
    ("old", "new", "sign", "message"),
    [
        ("records: LoanClosed", "records: LoanOpened", "LoanClosed:", "nobody raises LoanClosed"),
        ("records: LoanClosed", "records: LoanLost", "LoanLost", "has no event LoanLost"),
        ("CloseLoan: {behavior: close}", "CloseLoan: {}", "CloseLoan:", "has no behaviour"),
        ("{behavior: close}", "{behavior: shut}", "shut", "no behaviour shut"),
        ("text(40)?", "string", "string", "unknown type string"),
        ("text(40)?", "text(0)", "text(0)", "one bound"),
        ("text(40)?", "text(40)", "state_note", "leaves state_note open"),
        ("[open, closed]", "[open, open]", "values:", "non-unique"),
        ("when: [open]", "when: [closed]", "when: [closed]", "no behaviour leads to closed"),
        ("when: [open]", "when: [lost]", "when: [lost]", "State has no value lost"),
        ("creates: true, ", "", "behaviors:", "no behaviour creates Loan"),
        ("tells: [book_id]", "tells: [colour]", "colour", "neither an attribute nor taken"),
        ("order: [book_id]", "order: [state_note]", "ListLoans", "always there"),
        ("filters: [status]", "filters: [colour]", "colour", "Loan has no colour"),
        ("CloseLoan:", "closeLoan:", "closeLoan", "CamelCase"),
        ("state_note: text", "version: text", "version:", "taken by Python or by the"),
        ("close: {desc", "open_up: {desc", "open_up: {description: End", "stands here twice"),
        ("queries:", "querys:", "querys", "knows no 'querys'"),
        ("{returns: one}", "{returns: two}", "two", "one or page"),
        ("context: lending", "context: Lending Desk", "context", "one word of small letters"),
        ("    events:", "   events:", "   events:", "no YAML"),
    ],
)
def test_each_mistake_is_named_by_its_line(old: str, new: str, sign: str, message: str) -> None:
    text = RIGHT.replace(old, new)
    assert text != RIGHT
    found = faults(text)
    assert any(message in told for _, told in found), found
    assert line_of(text, sign) in [line for line, told in found if message in told], found


@pytest.mark.parametrize("text", ["", "- a\n- b", "context: [", "a: &x [*x]", "\t"])
def test_what_is_no_model_is_refused_in_a_line(text: str) -> None:
    assert faults(text)
