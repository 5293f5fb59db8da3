"""Whoever mistypes a name in a model is asked whether another one was meant."""

import re

import pytest

from carafe.development.discovery.reading import EXAMPLE
from carafe.development.discovery.suggestions import did_you_mean
from tests.support.insured_model import MODEL as INSURED
from tests.support.loan_model import edited, faults

LENDING = EXAMPLE.read_text(encoding="utf-8")

FIRST_DUE = "        becomes: open\n        sets: {DueBack: due_at}"

DESK = """\
context: lending
enumerations:
  Format: {description: What it is, values: [printed, spoken]}
  State: {description: Where it stands, values: [here, gone]}
aggregates:
  Copy:
    description: A book
    shared: true
    attributes:
      title: text(40)
      format: {type: Format, default: printed}
      words: list of text(9)
      most: integer(1..9)
      status: State
    unique: [{attributes: [title, format], only_where: {status: [here]}}]
    rules:
      FewWords: {that: "len(title) > 2", otherwise: It has few.}
      Printed: {that: 'format != "spoken"', otherwise: It is spoken.}
    events: {CopyBought: {description: It came}, CopyLost: {description: It went}}
    behaviors:
      buy: {description: Begin, creates: true, takes: [title, format, words, most],
            becomes: here, records: CopyBought}
      lose: {description: End, becomes: gone, records: CopyLost}
      mark: {description: Note, takes: [word: text(9)], adds: {words: word}, records: CopyBought}
  Loan:
    description: A book in the hands of a reader
    shared: true
    attributes: {copy_id: identifier}
    events: {LoanOpened: {description: It began}}
    behaviors:
      open_up: {description: Begin, creates: true, takes: [copy_id], records: LoanOpened}
    commands:
      OpenLoan: {behavior: open_up, requires: {copy_id: {aggregate: Copy, status: [here]}}}
"""


def asked(text: str) -> set[str]:
    """Return the names that the faults of a model ask about."""
    ends = (re.search(r"; did you mean '(.+)'\?$", message) for _, message in faults(text))
    return {end[1] for end in ends if end}


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("\nexternal_services:", "\nexternal_service:", "external_services"),
        ("        takes: [condition]", "        take: [condition]", "takes"),
        ("takes: [shelf_mark]", "takes: [shelfmark]", "shelf_mark"),
        ("tells: [shelf_mark]", "tells: [shelf_marks]", "shelf_mark"),
        ("tells: [isbn, reason", "tells: [isbn, raeson", "reason"),
        ("shelf_mark: ShelfMark", "shelf_mark: Shelfmark", "ShelfMark"),
        ("lent_at: moment?", "lent_at: momet?", "moment"),
        ("owner: member_id", "owner: member", "member_id"),
        ("records: LoanRenewed", "records: LoanRenwed", "LoanRenewed"),
        ("[open, overdue, reminded]\n        b", "[open, overdu, reminded]\n        b", "overdue"),
        ("becomes: overdue", "becomes: overdu", "overdue"),
        ("clears: [suspension_reason]", "clears: [suspension_raeson]", "suspension_reason"),
        ("cancels: [DueBack]", "cancels: [Dueback]", "DueBack"),
        ("sets: {SuspensionOver: 30 d", "sets: {SuspensoinOver: 30 d", "SuspensionOver"),
        ("30 days", "30 dyas", "days"),
        ("30 days", "{cron: '0 8 * * *', zone: Europe/Belin}", "Europe/Berlin"),
        (FIRST_DUE, FIRST_DUE.replace("due_at", "deu_at"), "due_at"),
        ("enough., behavior: reinstate", "enough., behavior: reinstat", "reinstate"),
        ("MoveBook: {behavior: move", "MoveBook: {behavior: mvoe", "move"),
        ("filters: [genre]", "filters: [gener]", "genre"),
        ("order: [title]", "order: [titel]", "title"),
        ("behavior: Loan.close", "behavior: Laon.close", "Loan"),
        ("behavior: Loan.close", "behavior: Loan.closed", "close"),
        ("identifier: loan_id", "identifier: loanid", "loan_id"),
        ("\n  lending.loan.opened.v1:", "\n  lending.loan.open.v1:", "lending.loan.opened.v1"),
        ("correlation: [loan_id]", "correlation: [loanid]", "loan_id"),
        ("begins_on: LoanOpened", "begins_on: LoanOpend", "LoanOpened"),
        ("sent.v1: note", "snet.v1: note", "post.letter.sent.v1"),
        ("answer: post.letter.recalled", "answer: post.leter.recalled", "post.letter.recalled.v1"),
        ("undone_on: [LoanClosed]", "undone_on: [LoanClosd]", "LoanClosed"),
        ("{LoanOverdue: letter}", "{LoanOverdue: leter}", "letter"),
        ("{LoanReminded: end}", "{LoanReminded: ende}", "end"),
        ("sends: NoteReminder", "sends: NoteReminde", "NoteReminder"),
        ("sends: post.letter.send.v1", "sends: post.letter.sned.v1", "post.letter.send.v1"),
    ],
)
def test_a_name_of_the_example_is_asked_about(old: str, new: str, meant: str) -> None:
    assert meant in asked(edited(LENDING, (old, new)))


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("default: printed", "default: printd", "printed"),
        ("attributes: [title", "attributes: [titel", "title"),
        ("only_where: {status", "only_where: {staus", "status"),
        ("only_where: {status: [here]", "only_where: {status: [her]", "here"),
        ("len(title)", "len(titel)", "title"),
        ('!= "spoken"', '!= "spokn"', "spoken"),
        ("adds: {words", "adds: {wrods", "words"),
        ("adds: {words: word", "adds: {words: wrod", "word"),
        ("requires: {copy_id", "requires: {copyid", "copy_id"),
        ("{aggregate: Copy", "{aggregate: Coppy", "Copy"),
        ("{aggregate: Copy, status: [here]", "{aggregate: Copy, status: [hear]", "here"),
    ],
)
def test_a_name_in_a_rule_or_a_requirement_is_asked_about(old: str, new: str, meant: str) -> None:
    assert asked(edited(DESK, (old, new))) == {meant}


@pytest.mark.parametrize(
    ("old", "new", "meant"),
    [
        ("operation: Insurance.check", "operation: Insurance.chek", "Insurance.check"),
        ("with: {stay_id", "with: {stayid", "stay_id"),
        ("gives: {plan", "gives: {plna", "plan"),
        ("{plan: plan, days: days}", "{plan: plan, days: day}", "days"),
        ("GET /policies/{policy_id}", "GET /policies/{policyid}", "policy_id"),
    ],
)
def test_a_name_in_a_call_is_asked_about(old: str, new: str, meant: str) -> None:
    assert meant in asked(edited(INSURED, (old, new)))


def test_only_a_name_that_is_near_is_asked_about() -> None:
    assert did_you_mean("ridding", ["waiting", "riding"]) == "; did you mean 'riding'?"
    assert did_you_mean("BEHAVIORS", ["behaviors"]) == "; did you mean 'behaviors'?"
    assert did_you_mean("lost", ["open", "closed"]) == ""
    assert did_you_mean("title", ["title"]) == ""
    assert did_you_mean("", ["title"]) == ""
