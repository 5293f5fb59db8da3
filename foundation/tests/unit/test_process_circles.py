"""What follows from an event of the service itself leads to no such events for ever."""

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from tests.support.loan_model import line_of
from tests.support.reminding_model import changed, fault_lines

Edits = tuple[tuple[str, str], ...]

OWN = """\
  lending.loan.opened.v1:
    behavior: Book.note_lent
    identifier: book_id
"""

REACTIONS = """\
  lending.loan.closed.v1:
    behavior: Loan.annotate
    identifier: loan_id
  lending.loan.annotated.v1:
    behavior: Loan.end
    identifier: loan_id
"""

ANNOTATE = """\
      close: {description: End, becomes: closed, records: LoanClosed}
      annotate: {description: Note it, records: LoanAnnotated}
      end: {description: End, records: LoanClosed}
"""

ANNOTATED = "      LoanClosed: {description: It is over}\n"


def test_reactions_that_go_round_are_refused() -> None:
    text = changed(
        (OWN, OWN + REACTIONS),
        (ANNOTATE.partition("\n")[0] + "\n", ANNOTATE),
        (ANNOTATED, f"{ANNOTATED}      LoanAnnotated: {{description: It is noted}}\n"),
    )
    message = (
        "these reactions go round for ever: lending.loan.closed.v1 -> lending.loan.annotated.v1 -> "
        "lending.loan.closed.v1; let one record another event"
    )
    assert fault_lines(text, message) == [line_of(text, "Loan.annotate")]
    assert len(fault_lines(text, "")) == 1


def test_a_reaction_that_records_its_own_cause_is_refused() -> None:
    text = changed(
        (OWN, OWN + REACTIONS.partition("  lending.loan.ann")[0].replace("annotate", "close"))
    )
    assert fault_lines(text, "go round for ever") == [line_of(text, "behavior: Loan.close")]


COPYING = """\
  Copying:
    description: A book is bought once more
    correlation: [book_id]
    attributes: {book_id: identifier, title: text(40)}
    begins_on: BookAcquired
    steps:
      copy:
        description: The same once more
        sends: AcquireBook
        within: 1 day
        answers: {BookLent: end}
  Reminding:
"""

TOLD = ("BookLent: {description: It went}", "BookLent: {description: It went, tells: [title]}")


def test_a_process_that_creates_what_begins_another_one_is_refused() -> None:
    text = changed(("  Reminding:\n", COPYING))
    message = (
        "AcquireBook leads to BookAcquired, which begins another Copying, and so on for ever: "
        "begin with another event"
    )
    assert fault_lines(text, message) == [line_of(text, "sends: AcquireBook")]
    assert len(fault_lines(text, "")) == 1


def test_a_process_that_creates_by_way_of_a_reaction_is_refused() -> None:
    beginning = ("begins_on: BookAcquired", "begins_on: BookLent")
    ending = ("{BookLent: end}", "{BookAcquired: end}")
    reaction = (OWN, OWN.replace("loan.opened", "book.acquired"))
    moment = ("takes: [lent_at], records: BookLent", "records: BookLent")
    copying = ("  Reminding:\n", COPYING.replace(*beginning).replace(*ending))
    text = changed(copying, TOLD, reaction, moment)
    assert fault_lines(text, "leads to BookLent, which begins another Copying") == [
        line_of(text, "sends: AcquireBook")
    ]
    resolve(Source(changed(copying, TOLD), "model.yaml"))


def test_a_process_that_only_changes_what_began_it_is_right() -> None:
    """Another event of the same loan finds the process that is there."""
    edits: Edits = (
        ("begins_on: LoanOpened", "begins_on: LoanReminded"),
        ("{LoanReminded: end}", "{LoanOpened: end}"),
        ("{description: The member knows}", "{description: It knows, tells: [member_id]}"),
    )
    resolve(Source(changed(*edits), "model.yaml"))
