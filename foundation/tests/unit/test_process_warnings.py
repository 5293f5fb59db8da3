"""A process whose events may come before it waits for them is warned of."""

from carafe.development.discovery.model_warnings import warnings_of
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from tests.support.loan_model import line_of
from tests.support.reminding_model import MODEL, changed, reaction

FIRST_STEP = """\
      loan:
        description: The member has it
        within: forever
        answers: {LoanOverdue: letter}
"""

FROM_OVERDUE = (
    (FIRST_STEP, ""),
    ("begins_on: LoanOpened", "begins_on: LoanOverdue"),
    ("{description: It lasts too long}", "{description: It lasts, tells: [member_id]}"),
)

NOTE = """\
        sends: NoteReminder
        within: 1 day 12 hours
        answers: {LoanReminded: end}
    undone_on: [LoanClosed]
"""

ONLY_OVERDUE = ("{description: End, becomes", "{description: End, when: [overdue], becomes")

RETURN = """\
        within: 1 day 12 hours
        answers: {LoanClosed: end}
"""


WITHOUT_LETTER = (
    ("{LoanOverdue: letter}", "{LoanOverdue: note}"),
    (MODEL[MODEL.index("      letter:") : MODEL.index("      note:")], ""),
    (
        MODEL[MODEL.index("sent_commands:") : MODEL.index("  lending.loan.opened")],
        "subscriptions:\n",
    ),
)


def warnings(text: str) -> list[tuple[int, str]]:
    """Return the line and the message of each warning of processes."""
    source = Source(text, "model.yaml")
    found = warnings_of(resolve(source))
    return [(source.line(place), message) for place, message in found if place[0] == "processes"]


def test_a_process_that_waits_for_what_follows_is_right() -> None:
    assert warnings(MODEL) == []


def test_an_event_that_needs_no_beginning_is_parked_without_one() -> None:
    text = changed(*FROM_OVERDUE)
    ((line, message),) = warnings(text)
    assert line == line_of(text, "undone_on")
    assert "LoanClosed may come although no LoanOverdue has begun Reminding" in message


def test_an_event_that_only_follows_the_beginning_is_right() -> None:
    assert warnings(changed(*FROM_OVERDUE, ONLY_OVERDUE)) == []


def test_a_step_that_only_waits_may_miss_what_callers_do() -> None:
    text = changed((NOTE, RETURN))
    ((line, message),) = warnings(text)
    assert line == line_of(text, "{LoanClosed: end}")
    assert "LoanClosed may come before post.letter.sent.v1" in message


def test_a_step_that_only_waits_may_miss_an_earlier_event_of_the_same_aggregate() -> None:
    text = changed((NOTE, RETURN), *WITHOUT_LETTER)
    ((_, message),) = warnings(text)
    assert "LoanClosed may come before LoanOverdue" in message
    assert warnings(changed((NOTE, RETURN), *WITHOUT_LETTER, ONLY_OVERDUE)) == []


def test_what_a_step_asks_for_comes_after_it() -> None:
    text = changed(("        sends: NoteReminder\n", ""))
    ((line, message),) = warnings(text)
    assert line == line_of(text, "{LoanReminded: end}")
    assert "or let the step ask for it" in message


def test_a_reaction_to_the_answer_before_comes_after_it() -> None:
    text = changed(
        ("        sends: NoteReminder\n", ""),
        ("      NoteReminder: {behavior: note_reminder, scope: operations}\n", ""),
        reaction("Loan.note_reminder"),
    )
    assert warnings(text) == []
