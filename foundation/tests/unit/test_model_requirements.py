"""A command requires what it can read of other aggregates."""

import pytest

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from tests.support.loan_model import faults, line_of

MODEL = """\
context: lending
enumerations:
  State: {description: Where it stands, values: [here, gone]}
aggregates:
  Copy:
    description: A book
    shared: true
    attributes: {title: text(40), status: State}
    events: {CopyBought: {description: It came}}
    behaviors:
      buy: {description: Begin, creates: true, takes: [title], becomes: here, records: CopyBought}
      lose: {description: End, becomes: gone, records: CopyBought}
  Reader:
    description: Somebody who reads
    shared: true
    attributes: {name: text(40), since: moment}
    events: {ReaderCame: {description: Somebody came}}
    behaviors:
      come: {description: Begin, creates: true, takes: [name, since], records: ReaderCame}
  Loan:
    description: A book in the hands of a reader
    owner: account_id
    attributes:
      account_id: identifier
      copy_id: identifier
      reader_id: identifier?
      days: integer
    events: {LoanOpened: {description: It began}}
    behaviors:
      open_up:
        description: Begin
        creates: true
        takes: [account_id, copy_id, reader_id, days]
        records: LoanOpened
    commands:
      OpenLoan:
        behavior: open_up
        requires:
          copy_id: {aggregate: Copy, status: [here]}
          reader_id: {aggregate: Reader}
"""


def test_a_command_requires_other_aggregates() -> None:
    loan = resolve(Source(MODEL, "model.yaml")).aggregates[2]
    (command,) = loan.commands
    found = [(each.field.name, each.aggregate, each.statuses) for each in command.requires]
    assert found == [("copy_id", "Copy", ("here",)), ("reader_id", "Reader", ())]


@pytest.mark.parametrize(
    ("old", "new", "sign", "message"),
    [
        ("reader_id: {a", "writer_id: {a", "writer_id", "OpenLoan has no field writer_id; it has"),
        ("reader_id: {a", "account_id: {a", "account_id: {a", "OpenLoan has no field account_id"),
        ("reader_id: {a", "days: {a", "days: {a", "days holds no id: its type must be a single"),
        ("{aggregate: Reader}", "{aggregate: Writer}", "Writer", "there is no aggregate Writer"),
        ("{aggregate: Reader}", "{aggregate: Loan}", "{aggregate: Loan}", "cannot require another"),
        ("aggregate: Reader}", "aggregate: Reader, status: [here]}", "Reader, s", "has no status"),
        ("[here]}", "[lost]}", "[lost]", "State has no value lost"),
        ("[here]}", "[]}", "[]", "[] should be non-empty"),
        ("{aggregate: Reader}", "Reader", "reader_id: Reader", "an aggregate, such as {aggregate:"),
    ],
)
def test_what_a_command_cannot_require_is_said(old: str, new: str, sign: str, message: str) -> None:
    assert MODEL.count(old) == 1
    text = MODEL.replace(old, new)
    found = faults(text)
    assert line_of(text, sign) in [line for line, fault in found if message in fault], found


def test_a_status_must_be_reached() -> None:
    lose = "      lose: {description: End, becomes: gone, records: CopyBought}\n"
    text = MODEL.replace(lose, "").replace("[here]}", "[gone]}")
    assert "no behaviour leads Copy there" in [message for _, message in faults(text)]
