"""A model's steps are come to, answered, and lead to the end; others are refused by line."""

import pytest

from tests.support.loan_model import faults, line_of
from tests.support.reminding_model import changed, fault_lines

Edits = list[tuple[str, str]]

NOT_UNDONE = ("    undone_on: [LoanClosed]\n", "")

LETTER_ANSWERS = """\
        answers:
          post.letter.sent.v1: note
          post.letter.returned.v1: fail
"""

MORE_STEPS = """\
      {name}:
        description: Another
        within: 1 day
        answers: {{{answers}}}
    undone_on: []
"""


def another_step(name: str, answers: str) -> tuple[str, str]:
    """Return the edit that adds a step that only waits."""
    return "    undone_on: [LoanClosed]\n", MORE_STEPS.format(name=name, answers=answers)


@pytest.mark.parametrize(
    ("edits", "sign", "message"),
    [
        ([(LETTER_ANSWERS, "")], "      letter:", "nothing answers letter: add `answers:`"),
        ([("        answers: {LoanReminded: end}\n", "")], "      note:", "nothing answers note"),
        ([("{LoanReminded: end}", "{}")], "      note:", "nothing answers note"),
        (
            [another_step("later", "LoanClosed: end")],
            "      later:",
            "no way leads to later from loan, with which Reminding begins",
        ),
        (
            [("{LoanReminded: end}", "{LoanReminded: letter}")],
            "{LoanReminded: letter}",
            "letter has begun before, and a step begins once",
        ),
        (
            [("{LoanReminded: end}", "{LoanReminded: note}")],
            "{LoanReminded: note}",
            "note has begun before",
        ),
        (
            [("{LoanReminded: end}", "{LoanReminded: fail}")],
            "      loan:",
            "no way leads from loan to the end",
        ),
        (
            [("{LoanReminded: end}", "{LoanReminded: fail}")],
            "      note:",
            "no way leads from note to the end: let an answer lead to `end`",
        ),
        (
            [("{LoanReminded: end}", "{LoanReminded: later}")],
            "{LoanReminded: later}",
            "Reminding has no step later: declare it, or write end or fail",
        ),
        (
            [("      note:\n", "      end:\n")],
            "      end:",
            "end is no name of a step, but what may follow one: rename it",
        ),
        (
            [("      loan:\n", "      fail:\n")],
            "      fail:",
            "fail is no name of a step",
        ),
        (
            [("within: forever", "within: 3 months")],
            "3 months",
            "months has no fixed length",
        ),
        ([("within: forever", "within: never")], "never", "'never' is not a duration"),
        ([("        within: forever\n", "")], "      loan:", "steps.loan needs within"),
        (
            [("within: 7 days", "within: true")],
            "within: true",
            "a duration such as 7 days, or forever",
        ),
        (
            [("{LoanReminded: end}", "[LoanReminded]")],
            "[LoanReminded]",
            "such as {LoanClosed: end}",
        ),
        ([("      loan:\n", "      Loan:\n")], "      Loan:", "a name in snake_case"),
    ],
)
def test_each_step_is_come_to_answered_and_leads_to_the_end(
    edits: Edits, sign: str, message: str
) -> None:
    text = changed(*edits)
    assert line_of(text, sign) in fault_lines(text, message), faults(text)


def test_a_circle_is_one_fault() -> None:
    text = changed(("{LoanReminded: end}", "{LoanReminded: letter, LoanClosed: end}"), NOT_UNDONE)
    ((line, message),) = faults(text)
    assert (line, "letter has begun before" in message) == (line_of(text, "LoanReminded: l"), True)


def test_a_step_without_an_answer_is_one_fault() -> None:
    text = changed(("{LoanReminded: end}", "{}"))
    assert [line for line, _ in faults(text)] == [line_of(text, "      note:")]


def test_steps_may_meet_again() -> None:
    text = changed(
        ("{LoanReminded: end}", "{LoanReminded: end, LoanClosed: fail}"),
        ("post.letter.returned.v1: fail", "post.letter.returned.v1: note"),
        ("undone_on: [LoanClosed]", "after_end: later"),
    )
    assert [message for _, message in faults(text)] == [
        "processes.Reminding.after_end: ignore or refuse"
    ]


@pytest.mark.parametrize(
    ("edits", "sign", "message"),
    [
        (
            [("        sends: post.letter.send.v1\n", "")],
            "undo:",
            "letter sends nothing, so that nothing is to be undone: remove `undo`",
        ),
        (
            [(", answer: post.letter.recalled.v1", "")],
            "undo:",
            "`within` is the time until the `answer`: write both, or neither",
        ),
        ([("within: 1 day, answer", "answer")], "undo:", "write both, or neither"),
        (
            [("sends: post.letter.recall.v1", "sends: post.letter.send.v1")],
            "undo:",
            "what undoes letter is what it begins with: let another command undo it",
        ),
        ([("{sends: post.letter.recall.v1, within", "{within")], "undo:", "undo needs sends"),
        ([("within: 1 day, answer", "within: forever, answer")], "undo:", "is not a duration"),
    ],
)
def test_a_step_is_undone_by_a_command_and_its_answer(
    edits: Edits, sign: str, message: str
) -> None:
    text = changed(*edits)
    assert fault_lines(text, message) == [line_of(text, sign)], faults(text)
