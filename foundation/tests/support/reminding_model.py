"""A small model with a process, for the tests of the language."""

from .loan_model import edited, faults

MODEL = """\
context: lending
enumerations:
  State: {description: Where it stands, values: [open, overdue, reminded, closed]}
aggregates:
  Book:
    description: A book
    shared: true
    attributes:
      title: text(40)
      lent_at: moment?
    events:
      BookAcquired: {description: It came, tells: [title]}
      BookLent: {description: It went}
    behaviors:
      acquire: {description: Begin, creates: true, takes: [title], records: BookAcquired}
      note_lent: {description: Note it, takes: [lent_at], records: BookLent}
    commands:
      AcquireBook: {behavior: acquire}
  Loan:
    description: A book in the hands of a member
    owner: member_id
    attributes:
      book_id: identifier
      member_id: identifier
      lent_at: moment
      remark: text(40)?
      status: State
    events:
      LoanOpened: {description: It began, tells: [book_id, member_id, lent_at, remark]}
      LoanOverdue: {description: It lasts too long}
      LoanReminded: {description: The member knows}
      LoanClosed: {description: It is over}
    behaviors:
      open_up:
        description: Begin
        creates: true
        takes: [book_id, member_id, lent_at]
        becomes: open
        records: LoanOpened
      call_overdue: {description: Miss it, when: [open], becomes: overdue, records: LoanOverdue}
      note_reminder:
        {description: Note it, when: [overdue], becomes: reminded, records: LoanReminded}
      close: {description: End, becomes: closed, records: LoanClosed}
    commands:
      OpenLoan: {behavior: open_up}
      CallOverdue: {behavior: call_overdue}
      NoteReminder: {behavior: note_reminder, scope: operations}
      CloseLoan: {behavior: close}
sent_commands:
  post.letter.send.v1:
    description: A letter is to go
    attributes: {loan_id: identifier, member_id: identifier}
  post.letter.recall.v1:
    description: A letter is to stay
    attributes:
      loan_id: identifier
subscriptions:
  post.letter.sent.v1:
    description: A letter is on its way
    attributes: {loan_id: identifier}
  post.letter.returned.v1: {description: It came back, attributes: {loan_id: identifier}}
  post.letter.recalled.v1: {description: It stays, attributes: {loan_id: identifier}}
  lending.loan.opened.v1:
    behavior: Book.note_lent
    identifier: book_id
processes:
  Reminding:
    description: A member is asked for a book
    correlation: [loan_id]
    attributes:
      loan_id: identifier
      member_id: identifier
    begins_on: LoanOpened
    steps:
      loan:
        description: The member has it
        within: forever
        answers: {LoanOverdue: letter}
      letter:
        description: The member is asked
        sends: post.letter.send.v1
        within: 7 days
        answers:
          post.letter.sent.v1: note
          post.letter.returned.v1: fail
        undo: {sends: post.letter.recall.v1, within: 1 day, answer: post.letter.recalled.v1}
      note:
        description: The loan knows
        sends: NoteReminder
        within: 1 day 12 hours
        answers: {LoanReminded: end}
    undone_on: [LoanClosed]
"""


def changed(*edits: tuple[str, str]) -> str:
    """Return the model with texts replaced that stand in it once."""
    return edited(MODEL, *edits)


def reaction(behavior: str) -> tuple[str, str]:
    """Return the edit that lets an aggregate follow an event that a process follows."""
    known = "    description: A letter is on its way\n"
    return known, f"{known}    behavior: {behavior}\n    identifier: loan_id\n"


def fault_lines(text: str, message: str) -> list[int]:
    """Return the lines of a model's faults with a message."""
    return [line for line, fault in faults(text) if message in fault]
