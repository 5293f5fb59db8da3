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


MAPPED = """\
  lending.loan.opened.v1:
    behavior: Book.note_lent
    identifier: book_id
    takes: {lent_at: began_at}
"""


@pytest.mark.parametrize(
    ("takes", "message"),
    [
        ("{lent_at: began_at}", "note_lent takes lent_at, which the event lacks as began_at"),
        ("{lent_at: remark}", "note_lent takes lent_at, which the event lacks as remark"),
        ("{lent_at: lent_at, title: remark}", "note_lent takes no title"),
    ],
)
def test_what_a_behaviour_takes_is_told_under_another_name(takes: str, message: str) -> None:
    text = changed((OWN, MAPPED.replace("{lent_at: began_at}", takes)))
    assert fault_lines(text, message) == [line_of(text, "    takes: {lent_at")]


def test_an_attribute_of_another_name_is_the_parameter() -> None:
    told = "post.letter.sent.v1:\n    description: A letter is on its way\n"
    letter = f"{told}    behavior: Book.note_lent\n    identifier: loan_id\n"
    letter += "    takes: {lent_at: began_at}\n"
    attributes = "    attributes: {loan_id: identifier"
    text = changed((told + attributes, f"{letter}{attributes}, began_at: moment"))
    book = resolve(Source(text, "model.yaml")).aggregates[0]
    letter_sent = next(each for each in book.subscriptions if not each.is_own)
    (lent_at,) = letter_sent.behavior.takes
    assert letter_sent.source(lent_at) == "began_at"


IGNORED = "  post.letter.opened.v1: {description: Somebody read it, ignored: true}\n"


def test_an_event_may_be_ignored() -> None:
    model = resolve(Source(changed((OWN, OWN + IGNORED)), "model.yaml"))
    assert model.ignored_events == ("post.letter.opened.v1",)
    assert "post.letter.opened.v1" not in {each.wire_type for each in model.inbox_events}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (IGNORED.replace("true", "true, identifier: id"), "nothing follows it: remove `ident"),
        (IGNORED.replace("true", "true, attributes: {id: text}"), "remove `attributes`"),
        (
            IGNORED.replace("post.letter.opened", "lending.loan.closed"),
            "an own event that nothing follows does",
        ),
        (IGNORED.replace("true", "false"), "True was expected"),
    ],
)
def test_an_ignored_event_says_nothing_else(entry: str, message: str) -> None:
    text = changed((OWN, OWN + entry))
    assert fault_lines(text, message) == [line_of(text, "ignored: ")]


def test_a_process_waits_for_no_ignored_event() -> None:
    told = "    description: A letter is on its way\n    attributes: {loan_id: identifier}\n"
    text = changed((told, "    description: A letter is on its way\n    ignored: true\n"))
    assert fault_lines(text, "post.letter.sent.v1")


def test_a_process_needs_no_subscription_to_an_own_event() -> None:
    (process,) = resolve(Source(changed((OWN, "")), "model.yaml")).processes
    assert process.begins_on.wire_type == "lending.loan.opened.v1"


def test_an_aggregate_follows_what_a_process_follows() -> None:
    text = changed(reaction("Loan.lose"))
    assert fault_lines(text, "") == [line_of(text, "Loan.lose")]
