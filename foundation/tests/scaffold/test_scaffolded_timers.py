"""Timers of a model get into code that people have edited, and out of it again."""

import re
from pathlib import Path

import pytest

from tests.support.scaffolding import Service, rewritten_files

BOOK = "chalicelib/domain/book.py"
MEMBER = "chalicelib/domain/member.py"
WIRING = "chalicelib/api/wiring.py"

TIMER = """\
    timers:
      InspectionDue: {description: Nobody has looked at it for a year., behavior: inspect}
    behaviors:
      inspect:
        description: Look after a book.
        sets: {InspectionDue: {cron: "0 6 1 9 *", zone: Europe/Berlin}}
        records: BookInspected
      acquire:
        sets: {InspectionDue: 365 days}
"""
INSPECTED = """\
      BookInspected:
        description: Somebody looked after a book.
      BookMoved:
"""


@pytest.fixture
def service(lending: Service, tmp_path: Path) -> Service:
    """The lending desk, to be changed."""
    return lending.clone(tmp_path / "service")


def test_timers_are_drawn(lending: Service) -> None:
    behaviors = lending.diagrams()[2]
    for text in ("sets DueBack", "cancels DueBack", "OPEN", "call_overdue (DueBack)"):
        assert text in behaviors


def test_when_a_timer_calls_gets_into_edited_code(service: Service) -> None:
    reinstate = "    def reinstate("
    service.edit(MEMBER, (reinstate, f"    # Ours.\n{reinstate}"))
    service.commit()
    service.edit("model.yaml", ("SuspensionOver: 30 days", "SuspensionOver: 1 day 12 hours"))
    assert "left" not in service.run("carafe", "scaffold")
    after = service.code()
    assert "set_timer(SuspensionOver, timedelta(days=1, hours=12), at=at)" in after[MEMBER]
    assert "# Ours." in after[MEMBER]
    assert "== later + timedelta(days=1, hours=12)" in after["tests/unit/test_member.py"]


def test_a_timer_more_gets_into_edited_code(service: Service) -> None:
    service.edit(BOOK, ("    def move(", "    # Ours.\n    def move("))
    service.edit(WIRING, ("BookCommands(service", "BookCommands(  # ours\n                service"))
    service.commit()
    before = service.code()
    service.edit(
        "model.yaml",
        ("    behaviors:\n      acquire:\n", TIMER),
        ("      BookMoved:\n", INSPECTED),
    )
    assert "left" not in service.run("carafe", "scaffold")
    after = service.code()
    assert rewritten_files({path: before[path] for path in (BOOK, WIRING)}, after) == []
    for path, words in (
        (BOOK, ["class InspectionDue(Timer)", "book.set_timer(InspectionDue, timedelta(days=365)"]),
        (WIRING, ["BookTimers(service.repository(Book), service.clock).handlers()"]),
        ("chalicelib/api/books/timers.py", ["InspectionDue: self.inspection_due"]),
    ):
        assert [each for each in words if each not in after[path]] == []
    service.require_clean_code()
    service.run_new_tests(before)


def test_a_timer_that_went_is_taken_out_once_it_is_said(service: Service) -> None:
    service.edit(
        "model.yaml",
        ("    timers:\n      DueBack: {description: The book should be back.,", "    ignored: {"),
        (" behavior: call_overdue}\n", "}\n"),
        ("        becomes: open\n        sets: {DueBack: due_at}\n", "        becomes: open\n"),
        ("        when: [open]\n        sets: {DueBack: due_at}\n", "        when: [open]\n"),
        ("        cancels: [DueBack]\n", ""),
    )
    service.edit("model.yaml", ("    ignored: {}\n", ""))
    service.commit()
    assert "\n  timer Loan.DueBack\n" in service.run("carafe", "scaffold", expected=1)
    assert service.status() == ""
    service.run("carafe", "scaffold", "--remove")
    after = service.code()
    gone = re.compile(r"DueBack|due_back|LoanTimers")
    assert {path: found[0] for path, text in after.items() if (found := gone.search(text))} == {}
    assert "chalicelib/api/loans/timers.py" not in after
    assert "MemberTimers" in after[WIRING]
    service.require_clean_code()
