"""A process has names of its own: none twice, none of Python's, the foundation's or the tree's."""

import shutil
from pathlib import Path

import pytest

from carafe.development.discovery import reserved_names
from tests.support.loan_model import line_of
from tests.support.places import ROOT
from tests.support.reminding_model import changed, fault_lines

Edits = list[tuple[str, str]]

MEMBER = "      member_id: identifier\n    begins"

RETURNED = "  post.letter.returned.v1: {"

FAILURE = "          post.letter.returned.v1: fail"

TAKEN = "taken by Python or by the foundation"


@pytest.mark.parametrize(
    ("edits", "sign", "message"),
    [
        ([("  Reminding:\n", "  Loan:\n")], "  Loan:", "the name Loan is taken twice"),
        ([("  Reminding:\n", "  State:\n")], "  State:", "the name State is taken twice"),
        ([("  Reminding:\n", "  LoanOpened:\n")], "  LoanOpened:", "LoanOpened is taken twice"),
        ([("  Reminding:\n", "  SendLetter:\n")], "  SendLetter:", "SendLetter is taken twice"),
        ([("  Reminding:\n", "  LetterSentV1:\n")], "  LetterSentV1:", "LetterSentV1 is taken tw"),
        ([("  Reminding:\n", "  Process:\n")], "  Process:", f"the name Process is {TAKEN}"),
        ([("  Reminding:\n", "  Step:\n")], "  Step:", f"the name Step is {TAKEN}"),
        ([("  Reminding:\n", "  TestLetter:\n")], "  TestLetter:", "pytest takes TestLetter"),
        ([("  Reminding:\n", "  Range:\n")], "  Range:", "Python needs the name range itself"),
        (
            [("    correlation:", "    collection: loans\n    correlation:")],
            "  Reminding:",
            "the name Loans is taken twice",
        ),
        (
            [("    correlation:", "    collection: values\n    correlation:")],
            "  Reminding:",
            "the collection values is taken: choose another",
        ),
        *(
            ([("  State: {", f"  {name}: {{"), ("status: State", f"status: {name}")], sign, name)
            for name, sign in {
                "RemindingEvents": "  Reminding:",
                "RemindingOverdue": "  Reminding:",
                "RemindingRepository": "  Reminding:",
                "RemindingTimers": "  Reminding:",
                "SendLetter": "  post.letter.send.v1:",
                "SendLetterV1": "  post.letter.send.v1:",
                "PostRefused": "  post.letter.send.v1:",
                "LetterSentV1": "  post.letter.sent.v1:",
            }.items()
        ),
        (
            [
                ("      NoteReminder: {", "      SendLetter: {"),
                ("s: NoteReminder", "s: SendLetter"),
            ],
            "  post.letter.send.v1:",
            "the name SendLetter is taken twice",
        ),
        (
            [
                (FAILURE, "          mail.letter.sent.v1: fail"),
                (RETURNED, "  mail.letter.sent.v1: {"),
            ],
            "  mail.letter.sent.v1:",
            "the name LetterSentV1 is taken twice",
        ),
        (
            [
                (FAILURE, "          post.letter.sent.v2: fail"),
                (RETURNED, "  post.letter.sent.v2: {"),
            ],
            "          post.letter.sent.v2:",
            "post.letter.sent.v2 and post.letter.sent.v1 are both called letter_sent in code",
        ),
        (
            [
                (FAILURE, "          help.post.refused.v1: fail"),
                (RETURNED, "  help.post.refused.v1: {"),
            ],
            "          help.post.refused.v1:",
            "help.post.refused.v1 and the refusal of post are both called post_refused in code",
        ),
        (
            [("  Reminding:\n", "  NOTE:\n")],
            "      note:",
            "NOTE is a class: call the step note otherwise",
        ),
    ],
)
def test_a_process_has_names_of_its_own(edits: Edits, sign: str, message: str) -> None:
    text = changed(*edits)
    lines = [at for at, line in enumerate(text.splitlines(), 1) if line.startswith(sign)]
    assert lines[-1] in fault_lines(text, message)


@pytest.mark.parametrize(
    "name",
    [
        *("status", "begun_at", "step_records", "command_ids", "reason", "stuck_since"),
        *("ended_at", "has_ended", "is_stranded", "timers", "version", "id", "occurred_at"),
        *("begin", "complete", "undo", "fail", "of", "identifier", "at"),
        *("self", "print", "class", "event", "context", "process_id", "reminding", "reminding_id"),
    ],
)
def test_an_attribute_leaves_the_process_its_names(name: str) -> None:
    text = changed((MEMBER, f"      {name}: moment\n    begins"))
    assert fault_lines(text, f"the name {name} is {TAKEN}") == [line_of(text, f"      {name}: mo")]


@pytest.mark.parametrize("name", ["wire_type", "receiver", "data_of", "import"])
def test_a_command_to_others_leaves_the_contract_its_names(name: str) -> None:
    text = changed(
        (
            "attributes: {loan_id: identifier, member_id: identifier}",
            f"attributes: {{{name}: moment}}",
        )
    )
    assert fault_lines(text, f"the name {name} is {TAKEN}") == [line_of(text, f"{{{name}: mo")]


@pytest.mark.parametrize("word", ["complete", "begin", "status", "clock", "handlers", "of"])
def test_an_event_leaves_the_process_its_methods(word: str) -> None:
    """The subject and the word of a wire type name the method; an own event its class."""
    name = "".join(each.capitalize() for each in word.split("_"))
    text = changed(
        ("      LoanReminded: {", f"      {name}: {{"),
        ("records: LoanReminded", f"records: {name}"),
        ("{LoanReminded: end}", f"{{{name}: end}}"),
    )
    assert line_of(text, f"{{{name}: end}}") in fault_lines(text, f"the name {word} is {TAKEN}")


def test_an_event_is_no_attribute_of_the_process() -> None:
    text = changed(
        (MEMBER, "      loan_closed: moment\n    begins"),
        (
            "      lent_at: moment\n      remark",
            "      loan_closed: moment\n      lent_at: moment\n      remark",
        ),
    )
    assert line_of(text, "undone_on:") in fault_lines(text, f"the name loan_closed is {TAKEN}")


def test_the_classes_of_a_process_are_reserved() -> None:
    for name in ("Process", "Step", "Timer", "DomainCommand", "CommandRefused", "OutgoingCommand"):
        assert reserved_names.is_class_name(name), name


@pytest.mark.parametrize(
    ("name", "collection", "message"),
    [
        ("Wire", "wiring", "chalicelib/api/wiring.py exists"),
        ("Delivery", "orders", "chalicelib/api/orders exists"),
        ("Payments", "payings", "chalicelib/domain/payments.py exists"),
        ("Handling", "handlers", "chalicelib/api/wiring.py already uses the name handlers"),
    ],
)
def test_a_process_leaves_the_tree_its_names(
    name: str, collection: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "chalicelib", tmp_path / "chalicelib")
    monkeypatch.chdir(tmp_path)
    text = changed(
        ("  Reminding:\n", f"  {name}:\n"),
        ("    correlation:", f"    collection: {collection}\n    correlation:"),
    )
    assert fault_lines(text, message) == [line_of(text, f"  {name}:")]
