"""A model's processes send commands that exist, and that take what a process has."""

import pytest

from tests.support.loan_model import line_of
from tests.support.reminding_model import changed, fault_lines

Edits = list[tuple[str, str]]

MEMBER = "      member_id: identifier\n    begins"

SEND = "{loan_id: identifier, member_id: identifier}"

LEND_BOOK = """\
      AcquireBook: {behavior: acquire}
      LendBook: {behavior: note_lent}
"""


@pytest.mark.parametrize(
    ("edits", "sign", "message"),
    [
        (
            [("sends: NoteReminder", "sends: NoteLetter")],
            "sends: NoteLetter",
            "no aggregate has a command NoteLetter",
        ),
        (
            [("sends: post.letter.send.v1", "sends: post.letter.write.v1")],
            "write",
            "post.letter.write.v1 is not declared: add it to sent_commands",
        ),
        (
            [("sends: post.letter.recall.v1", "sends: RecallLetter")],
            "undo:",
            "no aggregate has a command RecallLetter",
        ),
        (
            [(SEND, "{loan_id: identifier, lent_at: moment}")],
            "sends: post.letter.send.v1",
            "Reminding lacks lent_at, which SendLetter takes: add it there",
        ),
        (
            [(SEND, "{loan_id: text(36)}")],
            "sends: post.letter.send.v1",
            "Reminding has another type of loan_id, which SendLetter takes: give both the same",
        ),
        (
            [
                (SEND, "{remark: text(40)}"),
                (MEMBER, "      remark: text(40)?\n    begins"),
            ],
            "sends: post.letter.send.v1",
            "Reminding may lack remark, which SendLetter takes: remove its `?` there",
        ),
        (
            [
                (SEND, '{remark: "text(9)?"}'),
                (MEMBER, "      remark: text(40)?\n    begins"),
            ],
            "sends: post.letter.send.v1",
            "Reminding has wider bounds for remark, which SendLetter takes",
        ),
        (
            [
                (
                    "{description: Note it, when: [overdue]",
                    "{description: Note it, takes: [remark], when: [overdue]",
                )
            ],
            "sends: NoteReminder",
            "Reminding lacks remark, which NoteReminder takes",
        ),
        (
            [("sends: NoteReminder", "sends: AcquireBook")],
            "sends: AcquireBook",
            "Reminding lacks title, which AcquireBook takes",
        ),
        (
            [("sends: NoteReminder", "sends: OpenLoan")],
            "sends: OpenLoan",
            "OpenLoan takes member_id from the caller, which a process is not",
        ),
        (
            [("note_reminder, scope: operations", "note_reminder")],
            "sends: NoteReminder",
            "NoteReminder is for the owner of a Loan, which a process is not: give it `scope: oper",
        ),
        (
            [
                ("      AcquireBook: {behavior: acquire}\n", LEND_BOOK),
                ("sends: NoteReminder", "sends: LendBook"),
            ],
            "sends: LendBook",
            "Reminding lacks book_id, which LendBook takes",
        ),
    ],
)
def test_each_command_takes_what_the_process_has(edits: Edits, sign: str, message: str) -> None:
    text = changed(*edits)
    assert line_of(text, sign) in fault_lines(text, message)


def test_a_command_that_creates_for_its_caller_is_one_fault() -> None:
    text = changed(("sends: NoteReminder", "sends: OpenLoan"))
    assert fault_lines(text, "which a process is not") == [line_of(text, "sends: OpenLoan")]


@pytest.mark.parametrize(
    ("edits", "sign", "message"),
    [
        (
            [("        sends: post.letter.send.v1\n", "")],
            "  post.letter.send.v1:",
            "no process sends post.letter.send.v1: let a step do so, or remove it",
        ),
        (
            [
                ("  post.letter.send.v1:", "  lending.letter.send.v1:"),
                ("sends: post.letter.send", "sends: lending.letter.send"),
            ],
            "  lending.letter.send.v1:",
            "lending.letter.send.v1 is of this service itself: let a step send an own command",
        ),
        (
            [
                ("  post.letter.send.v1:", "  post.letter.sent.v1:"),
                ("sends: post.letter.send.", "sends: post.letter.sent."),
            ],
            "  post.letter.sent.v1:",
            "post.letter.sent.v1 is an event's: a command is in the imperative",
        ),
        (
            [
                ("  post.letter.send.v1:", "  post.command.refused.v1:"),
                ("sends: post.letter.send.", "sends: post.command.refused."),
            ],
            "  post.command.refused.v1:",
            "post.command.refused.v1 is an event's",
        ),
        ([("  post.letter.send.v1:", "  SendLetter:")], "  SendLetter:", "a wire type, such as"),
        ([("    description: A letter is to go\n", "")], "  post.letter.send", "needs description"),
    ],
)
def test_each_command_to_others_is_sent(edits: Edits, sign: str, message: str) -> None:
    text = changed(*edits)
    assert line_of(text, sign) in fault_lines(text, message)
