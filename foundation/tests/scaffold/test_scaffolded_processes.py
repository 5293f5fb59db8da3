"""Processes of a model get into code that people have edited, and out of it again."""

import re
from pathlib import Path

import pytest

from tests.support.scaffolding import Service, rewritten_files

REMINDING = "chalicelib/domain/reminding.py"
EVENTS = "chalicelib/api/remindings/events.py"
SENT = "chalicelib/contracts/sent_commands.py"
SUBSCRIBED = "chalicelib/contracts/subscribed_events.py"
BOOTSTRAP = "chalicelib/infrastructure/bootstrap.py"
WIRING = "chalicelib/api/wiring.py"

STEP = """\
      call:
        description: Somebody calls the member.
        sends: desk.member.call.v1
        within: 2 days
        answers: {desk.member.called.v1: note}
      note:
"""
COMMAND = """\
sent_commands:
  desk.member.call.v1: {description: A member is to be called., attributes: {member_id: identifier}}
"""
EVENT = """\
subscriptions:
  desk.member.called.v1: {description: A member knows., attributes: {loan_id: identifier}}
"""
RETURNED = """\
  post.letter.returned.v1:
    description: A letter found nobody.
    attributes: {loan_id: identifier}
"""
RULE = """\
        if self.member_id == "nobody":
            return
        if self.complete(LETTER, at=at):
"""


@pytest.fixture
def service(lending: Service, tmp_path: Path) -> Service:
    """The lending desk, to be changed."""
    return lending.clone(tmp_path / "service")


def test_a_step_more_gets_into_edited_code(service: Service) -> None:
    letter = '"""The member is asked for the book."""\n'
    service.edit(
        REMINDING,
        (letter, '"""The member is asked, in writing."""\n'),
        ("        if self.complete(LETTER, at=at):\n", RULE),
    )
    service.edit(EVENTS, ("    def letter_sent(", "    # Ours.\n    def letter_sent("))
    service.commit()
    service.edit(
        "model.yaml",
        ("      note:\n", STEP),
        ("post.letter.sent.v1: note", "post.letter.sent.v1: call"),
        ("sent_commands:\n", COMMAND),
        ("subscriptions:\n", EVENT),
    )
    assert "left" not in service.run("carafe", "scaffold")
    after = service.code()
    for path, words in (
        (
            REMINDING,
            ["in writing", '== "nobody"', "(LOAN, LETTER, CALL, NOTE)", "self.begin(CALL,"],
        ),
        (REMINDING, ['"""Somebody calls the member."""', "def member_called("]),
        (
            EVENTS,
            ["# Ours.", "MemberCalledV1: self.member_called", "DeskRefused: self.desk_refused"],
        ),
        (SENT, ["class CallMemberV1(OutgoingCommand", "reminding.CallMember: CallMemberV1"]),
        (SUBSCRIBED, ["class DeskRefused(CommandRefused", "class MemberCalledV1("]),
    ):
        assert [each for each in words if each not in after[path]] == []
    service.require_clean_code()
    service.run("pytest", "-q", "tests/unit")


def test_an_answer_that_went_is_taken_out_once_it_is_said(service: Service) -> None:
    service.edit(EVENTS, ("    def letter_sent(", "    # Ours.\n    def letter_sent("))
    service.edit("model.yaml", (", post.letter.returned.v1: fail}", "}"), (RETURNED, ""))
    service.commit()
    output = service.run("carafe", "scaffold", expected=1)
    assert "\n  answer Reminding.letter.post.letter.returned.v1\n" in output
    assert service.status() == ""
    service.run("carafe", "scaffold", "--remove")
    after = service.code()
    gone = re.compile(r"LetterReturned|letter_returned")
    assert {path: found[0] for path, text in after.items() if (found := gone.search(text))} == {}
    assert "# Ours." in after[EVENTS]
    service.require_clean_code()
    service.run("pytest", "-q", "tests/unit")


def test_processes_come_to_a_service_that_had_none(
    example: Service, lending: Service, tmp_path: Path
) -> None:
    service = example.clone(tmp_path / "service")
    model = service.folder / "model.yaml"
    whole = model.read_text()
    model.write_text(without_processes(whole))
    service.run("carafe", "scaffold")
    service.edit(WIRING, ("LoanCommands(service", "LoanCommands(  # ours\n                service"))
    service.commit()
    before = service.code()
    assert "sent=" not in before[BOOTSTRAP]
    model.write_text(whole)
    assert "left" not in service.run("carafe", "scaffold")
    after = service.code()
    assert rewritten_files({path: before[path] for path in (BOOTSTRAP, WIRING)}, after) == []
    assert "sent=SENT" in after[BOOTSTRAP]
    from_the_start, added = lending.code(), after.keys() - before
    assert [each for each in added if after[each] != from_the_start[each]] == []
    service.require_clean_code()
    service.run("pytest", "-q", "tests/unit", "tests/api/test_reminding_events.py")


def test_processes_that_went_are_taken_out_once_it_is_said(service: Service) -> None:
    model = service.folder / "model.yaml"
    model.write_text(without_processes(model.read_text()))
    service.commit()
    assert "\n  process Reminding\n" in service.run("carafe", "scaffold", expected=1)
    service.run("carafe", "scaffold", "--remove")
    after = service.code()
    gone = re.compile(r"Reminding|reminding_|LetterSent|PostRefused|sent=")
    assert {path: found[0] for path, text in after.items() if (found := gone.search(text))} == {}
    assert "SENT: Sent = {}" in after[SENT]
    service.require_clean_code()


def without_processes(model: str) -> str:
    """Return a model without its processes, and what they alone need."""
    model = re.sub(r"^sent_commands:\n(?:  .*\n)+\n", "", model, flags=re.MULTILINE)
    model = re.sub(r"^  post\.letter\..*\n(?:    .*\n)+", "", model, flags=re.MULTILINE)
    return model.partition("processes:\n")[0]
