"""A model's processes follow events that exist, and that tell which process they lead."""

import pytest

from tests.support.loan_model import line_of
from tests.support.reminding_model import changed, fault_lines

Edits = list[tuple[str, str]]

MEMBER = "      member_id: identifier\n    begins"

SENT = "way\n    attributes: {loan_id: identifier}"


@pytest.mark.parametrize(
    ("edits", "sign", "message"),
    [
        (
            [("begins_on: LoanOpened", "begins_on: LoanLost")],
            "begins_on:",
            "no aggregate has an event LoanLost",
        ),
        (
            [("begins_on: LoanOpened", "begins_on: lending.loan.opened.v1")],
            "begins_on:",
            "lending.loan.opened.v1 is an event of this service itself: write LoanOpened",
        ),
        (
            [("          post.letter.sent.v1: note", "          post.letter.posted.v1: note")],
            "posted",
            "post.letter.posted.v1 is no subscription: declare it there, with its attributes",
        ),
        (
            [("undone_on: [LoanClosed]", "undone_on: [LoanLost]")],
            "undone_on:",
            "no aggregate has an event LoanLost",
        ),
        (
            [("answer: post.letter.recalled.v1", "answer: LetterRecalled")],
            "undo:",
            "no aggregate has an event LetterRecalled",
        ),
        (
            [("correlation: [loan_id]", "correlation: [member_id]")],
            "{LoanOverdue: letter}",
            "LoanOverdue lacks member_id, by which Reminding is found: add it there",
        ),
        (
            [("correlation: [loan_id]", "correlation: [member_id]")],
            "          post.letter.sent.v1:",
            "post.letter.sent.v1 lacks member_id, by which Reminding is found",
        ),
        (
            [("correlation: [loan_id]", "correlation: [member_id]")],
            "undo:",
            "post.letter.recalled.v1 lacks member_id",
        ),
        (
            [("correlation: [loan_id]", "correlation: [member_id]")],
            "undone_on:",
            "LoanClosed lacks member_id",
        ),
        (
            [(SENT, 'way\n    attributes: {loan_id: "identifier?"}')],
            "          post.letter.sent.v1:",
            "post.letter.sent.v1 may lack loan_id, by which Reminding is found: remove its `?`",
        ),
        (
            [(SENT, "way\n    attributes: {loan_id: text(36)}")],
            "          post.letter.sent.v1:",
            "post.letter.sent.v1 has another type of loan_id, by which Reminding is found",
        ),
        (
            [(SENT, "way\n    attributes: {loan_id: list of identifier}")],
            "          post.letter.sent.v1:",
            "post.letter.sent.v1 has another type of loan_id",
        ),
        (
            [("correlation: [loan_id]", "correlation: [copy_id]")],
            "correlation:",
            "Reminding has no attribute copy_id: add it to attributes",
        ),
        ([("correlation: [loan_id]", "correlation: []")], "correlation:", "correlation"),
        (
            [
                ("correlation: [loan_id]", "correlation: [lent_at]"),
                (MEMBER, "      lent_at: moment\n    begins"),
            ],
            "correlation:",
            "lent_at cannot tell one Reminding from another: that is for a single identifier or",
        ),
        (
            [
                ("correlation: [loan_id]", "correlation: [loan_id, remark]"),
                (MEMBER, "      remark: text(40)?\n    begins"),
            ],
            "correlation:",
            "remark cannot tell one Reminding from another",
        ),
        (
            [(MEMBER, "      note: text(9)\n    begins")],
            "      note: text",
            "LoanOpened lacks note, which Reminding takes from it: add it there",
        ),
        (
            [(MEMBER, "      remark: text(40)\n    begins")],
            "      remark: text(40)\n",
            "LoanOpened may lack remark, which Reminding takes from it: remove its `?` there",
        ),
        (
            [(MEMBER, "      remark: text(9)?\n    begins")],
            "      remark: text(9)",
            "LoanOpened has wider bounds for remark, which Reminding takes from it",
        ),
        (
            [(MEMBER, "      lent_at: integer\n    begins")],
            "      lent_at: integer",
            "LoanOpened has another type of lent_at, which Reminding takes from it",
        ),
        (
            [(MEMBER, "      lent_at: instant\n    begins")],
            "      lent_at: instant",
            "unknown type instant",
        ),
        (
            [(MEMBER, "      lent_at: {type: moment}\n    begins")],
            "      lent_at: {type",
            "a type, such as text(100)",
        ),
        (
            [("{LoanReminded: end}", "{LoanOverdue: end}")],
            "{LoanOverdue: end}",
            "Reminding follows LoanOverdue already: an event has one meaning in a process",
        ),
        (
            [("undone_on: [LoanClosed]", "undone_on: [LoanOpened]")],
            "undone_on:",
            "Reminding follows LoanOpened already",
        ),
        (
            [("answer: post.letter.recalled.v1", "answer: post.letter.returned.v1")],
            "undo:",
            "Reminding follows post.letter.returned.v1 already",
        ),
        (
            [("undone_on: [LoanClosed]", "undone_on: [LoanClosed, LoanClosed]")],
            "undone_on:",
            "a list of events, each once, such as",
        ),
        ([("    begins_on: LoanOpened\n", "")], "  Reminding:", "Reminding needs begins_on"),
        (
            [("begins_on: LoanOpened", "begins_on: loan_opened")],
            "begins_on",
            "an own event such as",
        ),
    ],
)
def test_each_event_tells_which_process_it_leads(edits: Edits, sign: str, message: str) -> None:
    text = changed(*edits)
    assert text[: text.rindex(sign)].count("\n") + 1 in fault_lines(text, message)


def test_a_correlation_that_is_not_told_is_one_fault_of_an_event() -> None:
    text = changed(
        ("correlation: [loan_id]", "correlation: [member_id]"),
        ("tells: [book_id, member_id, lent_at, remark]", "tells: [book_id, lent_at, remark]"),
    )
    lines = fault_lines(text, "LoanOpened lacks member_id")
    assert lines == [line_of(text, "begins_on:")]
