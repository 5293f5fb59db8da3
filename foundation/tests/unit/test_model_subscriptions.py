"""A model's subscriptions are followed, and an own event says nothing that is known already."""

import pytest

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from tests.support.loan_model import line_of
from tests.support.reminding_model import changed, fault_lines, reaction

Edits = list[tuple[str, str]]

REFUSAL = "{description: It is refused, attributes: {code: text(9)}}"

OWN = """\
  lending.loan.opened.v1:
    behavior: Book.note_lent
    identifier: book_id
"""


@pytest.mark.parametrize(
    ("edits", "sign", "message"),
    [
        (
            [(OWN, f"{OWN}    description: It began\n")],
            "    description: It began",
            "remove `description`: the aggregate says it of its own event",
        ),
        (
            [(OWN, f"{OWN}    attributes: {{book_id: identifier}}\n")],
            "    attributes: {book_id",
            "remove `attributes`: the aggregate says it of its own event",
        ),
        (
            [("lending.loan.opened.v1", "lending.loan.lost.v1")],
            "lending.loan.lost.v1",
            "this service publishes no lending.loan.lost.v1; it publishes lending.book.acquired.v1",
        ),
        ([("lending.loan.opened.v1", "lending.loan.opened.v2")], "opened.v2", "publishes no"),
        (
            [("    behavior: Book.note_lent\n    identifier: book_id\n", "    {}\n")],
            "lending.loan.opened.v1",
            "subscriptions.lending.loan.opened.v1 needs behavior, identifier",
        ),
        ([("    identifier: book_id\n", "")], "lending.loan.opened.v1", "needs identifier"),
        ([("    behavior: Book.note_lent\n", "")], "lending.loan.opened.v1", "needs behavior"),
        ([("Book.note_lent", "Copy.note_lent")], "Copy.note_lent", "there is no aggregate Copy"),
        ([("Book.note_lent", "Book.lend")], "Book.lend", "Book has no behaviour lend"),
        ([("Book.note_lent", "Book.acquire")], "opened.v1:", "acquire must change an existing"),
        (
            [("identifier: book_id", "identifier: remark")],
            "identifier: remark",
            "remark is not an attribute of type identifier",
        ),
        (
            [
                (
                    "takes: [lent_at], records: BookLent",
                    'takes: [note: "text(9)"], records: BookLent',
                )
            ],
            "opened.v1:",
            "note_lent takes note, which the event lacks",
        ),
        (
            [
                (
                    "takes: [lent_at], records: BookLent",
                    "takes: [remark: text(9)], records: BookLent",
                )
            ],
            "opened.v1:",
            "the event may lack: remove its `?` in the aggregate, or add one where",
        ),
        (
            [("    description: A letter is on its way\n", "")],
            "  post.letter.sent.v1:",
            "subscriptions.post.letter.sent.v1 needs description",
        ),
        (
            [("way\n    attributes: {loan_id: identifier}\n", "way\n")],
            "  post.letter.sent.v1:",
            "subscriptions.post.letter.sent.v1 needs attributes",
        ),
        (
            [("way\n", "way\n    behavior: Loan.close\n")],
            "  post.letter.sent.v1:",
            "subscriptions.post.letter.sent.v1 needs identifier",
        ),
        (
            [("way\n", "way\n    identifier: loan_id\n")],
            "  post.letter.sent.v1:",
            "subscriptions.post.letter.sent.v1 needs behavior",
        ),
        (
            [(", within: 1 day, answer: post.letter.recalled.v1", "")],
            "  post.letter.recalled.v1:",
            "nothing follows post.letter.recalled.v1: add `behavior:` and `identifier:`, or let a",
        ),
        (
            [(OWN, f"{OWN}  post.command.refused.v1: {REFUSAL}\n")],
            "  post.command.refused.v1:",
            "refusals are subscribed to by themselves, of every service that a process sends a",
        ),
    ],
)
def test_each_subscription_is_followed(edits: Edits, sign: str, message: str) -> None:
    text = changed(*edits)
    assert fault_lines(text, message) == [line_of(text, sign)]


def test_a_process_needs_no_subscription_to_an_own_event() -> None:
    (process,) = resolve(Source(changed((OWN, "")), "model.yaml")).processes
    assert process.begins_on.wire_type == "lending.loan.opened.v1"


def test_an_aggregate_follows_what_a_process_follows() -> None:
    text = changed(reaction("Loan.lose"))
    assert fault_lines(text, "") == [line_of(text, "Loan.lose")]
