"""A small model of loans, and the faults of variations of it."""

import pytest

from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import BadModel, Source

MODEL = """\
context: lending
enumerations:
  State: {description: Where it stands, values: [open, closed]}
aggregates:
  Loan:
    description: A book in the hands of a member
    shared: true
    attributes:
      book_id: identifier
      state_note: text(40)?
      status: State
    events:
      LoanOpened: {description: It began, tells: [book_id]}
      LoanClosed: {description: It is over}
    behaviors:
      open_up:
        {description: Begin, creates: true, takes: [book_id], becomes: open, records: LoanOpened}
      close: {description: End, when: [open], becomes: closed, records: LoanClosed}
    commands:
      OpenLoan: {behavior: open_up}
      CloseLoan: {behavior: close}
    queries:
      GetLoan: {returns: one}
      ListLoans: {returns: page, filters: [status], order: [book_id]}
"""


def edited(text: str, *edits: tuple[str, str]) -> str:
    """Return a model with texts replaced that stand in it once."""
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def faults(text: str) -> list[tuple[int, str]]:
    """Return the line and the message of each fault of a model that has some."""
    with pytest.raises(BadModel) as refusal:
        resolve(Source(text, "model.yaml"))
    return [(fault.line, fault.message) for fault in refusal.value.faults]


def line_of(text: str, sign: str) -> int:
    """Return the number of the first line with a sign."""
    return next(at for at, line in enumerate(text.splitlines(), 1) if sign in line)
