"""Behaviours add to lists and remove from them, or their faults are reported by line."""

import pytest

from carafe.development.discovery.model_warnings import lost_parameters
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.scaffold.list_code import list_changes
from carafe.development.scaffold.rule_code import calls_of
from tests.support.loan_model import MODEL, faults, line_of

TYPES = """\
values:
  Line: {description: A part of it, attributes: {book_id: identifier, count: integer(1..9)}}
entities:
  Note: {description: What somebody wrote, attributes: {text: text(40)}}
aggregates:
"""
LISTS = """\
      lines: list of Line
      notes: list of Note
      tags: list of text(9)
      status: State
"""
WITH_LISTS = MODEL.replace("aggregates:\n", TYPES).replace("      status: State\n", LISTS)


def change(takes: str, what: str) -> str:
    """Return the model with a behaviour that changes lists."""
    new = f"takes: [{takes}], {what}"
    return WITH_LISTS.replace("{description: End,", f"{{description: End, {new},")


@pytest.mark.parametrize(
    ("takes", "what", "compared", "code"),
    [
        ("line: Line", "adds: {lines: line}", "", "too_many_lines"),
        ("word: text(9)", "adds: {tags: word}", "", "too_many_tags"),
        ("book_id: identifier", "removes: {lines: book_id}", "each.book_id", "not_among_lines"),
        ("line: Line", "removes: {lines: line}", "each", "not_among_lines"),
        ("note_id: identifier", "removes: {notes: note_id}", "each.id", "not_among_notes"),
    ],
)
def test_a_change_of_a_list_is_understood(takes: str, what: str, compared: str, code: str) -> None:
    text = change(takes, what).replace("becomes: closed, ", "").replace("[open, closed]", "[open]")
    if takes.startswith("book_id"):
        text = text.replace("takes: [book_id: identifier]", "takes: [book_id]")
    model = resolve(Source(text, "model.yaml"))
    (loan,) = model.aggregates
    (found,) = list_changes(loan, loan.behaviors[1], model.values)
    assert found.code == code
    assert found.is_addition or found.compared == compared
    assert list(lost_parameters(model)) == []


def test_a_rule_about_a_list_is_checked_with_its_new_elements() -> None:
    rules = (
        "    rules:\n      Few: {that: len(lines) <= 9, otherwise: They are few.}\n    events:\n"
    )
    text = change("line: Line", "adds: {lines: line}").replace("    events:\n", rules)
    (loan,) = resolve(Source(text, "model.yaml")).aggregates
    assert [calls_of(loan, each) for each in loan.behaviors] == [(), ("_require_few(lines=lines)",)]


@pytest.mark.parametrize(
    ("takes", "what", "message"),
    [
        ("line: Line", "adds: {colours: line}", "Loan has no list colours"),
        ("line: Line", "adds: {state_note: line}", "Loan has no list state_note"),
        ("word: text(9)", "adds: {lines: word}", "word is of another type than the elements"),
        ("word: text(8)", "adds: {tags: word}", "word is of another type than the elements"),
        ("word: text(9)", "adds: {tags: other}", "close takes no other: let it take `other: text`"),
        ("word: text(9)", "removes: {lines: word}", "no element of lines equals word, nor has it"),
        ("note: Note", "removes: {notes: note}", "let it take `note_id: identifier`"),
        ("tags, word: text(9)", "adds: {tags: word}", "close sets tags twice"),
        ("word: text(9)", "removes: {tags: word}", "close removes, and leads to a status"),
    ],
)
def test_a_change_that_cannot_be_is_reported(takes: str, what: str, message: str) -> None:
    text = change(takes, what)
    found = faults(text)
    assert [line for line, fault in found if message in fault] == [line_of(text, "End,")], found


def test_a_creation_adds_to_no_list() -> None:
    text = WITH_LISTS.replace(
        "takes: [book_id]", "takes: [book_id, word: text(9)], adds: {tags: word}"
    )
    assert "open_up creates: it takes a list, and adds to none" in [
        each for _, each in faults(text)
    ]
