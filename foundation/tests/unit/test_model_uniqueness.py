"""What a model says to be unique becomes an index, or the fault is reported with its line."""

import pytest

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.scaffold.indexes import indexes_of
from tests.support.loan_model import MODEL, faults, line_of

SHELF = """\
      shelf: integer(1..9)
      is_lent: boolean
      note: text(40)?
      status: State
"""
CONDITIONS = "(('is_lent', True), ('status', ('open', 'closed')))"

WITH_SHELF = MODEL.replace("      status: State\n", SHELF).replace(
    "takes: [book_id]", "takes: [book_id, shelf, is_lent]"
)


def model(*combinations: str) -> str:
    """Return the model of loans with combinations that are unique."""
    lines = "".join(f"      - {each}\n" for each in combinations)
    return WITH_SHELF.replace("    events:\n", f"    unique:\n{lines}    events:\n")


@pytest.mark.parametrize(
    ("combination", "index"),
    [
        ("{attributes: [book_id, shelf]}", "Index(('book_id', 'shelf'), unique=True)"),
        (
            "{attributes: [book_id], only_where: {status: open}}",
            "Index(('book_id',), unique=True, only_where=(('status', 'open'),))",
        ),
        (
            "{attributes: [shelf, book_id], only_where: {is_lent: true, status: [open, closed]}}",
            f"Index(('shelf', 'book_id'), unique=True, only_where={CONDITIONS})",
        ),
    ],
)
def test_a_combination_is_an_index(combination: str, index: str) -> None:
    (loan,) = resolve(Source(model(combination), "model.yaml")).aggregates
    assert indexes_of(loan)[0].code == index


@pytest.mark.parametrize(
    ("combination", "message"),
    [
        ("{attributes: [book_id, colour]}", "Loan has no colour"),
        ("{attributes: [book_id, note]}", "note cannot be unique and optional"),
        ("{attributes: [shelf, status]}", "shelf and status have few values together: add another"),
        ("{attributes: [book_id], only_where: {colour: red}}", "Loan has no colour"),
        ("{attributes: [book_id], only_where: {shelf: one}}", "shelf cannot be a condition"),
        ("{attributes: [book_id], only_where: {status: [lost]}}", "State has no value lost"),
        ("{attributes: [book_id], only_where: {is_lent: [open]}}", "is_lent is true or false"),
        ("{attributes: []}", "a list of attributes, each once"),
        ("{attributes: [book_id], only_where: {status: []}}", "a value, or a list of values"),
        ("{only_where: {status: open}}", "needs attributes"),
    ],
)
def test_a_combination_that_cannot_be_is_reported(combination: str, message: str) -> None:
    text = model(combination)
    (fault,) = faults(text)
    assert (fault[0], message in fault[1]) == (line_of(text, combination), True), fault


def test_a_combination_is_said_once() -> None:
    combination = "{attributes: [book_id, shelf]}"
    found = faults(model(combination, combination))
    assert {message for _, message in found} == {"book_id and shelf are unique twice"}
