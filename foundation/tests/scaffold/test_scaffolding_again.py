"""The model of a service changes after people have edited what was generated."""

import re
from pathlib import Path

import pytest

from tests.support.scaffolding import Service, rewritten_files

LOAN = "chalicelib/domain/loan.py"
COMMANDS = "chalicelib/api/loans/commands.py"
WIRING = "chalicelib/api/wiring.py"
MEMORY = ".carafe/scaffolded.json"

RULE = """\
        if due_at <= self.due_at:
            raise RuleBroken("A renewal is for longer.", code="too_short")
        self.due_at = due_at
"""
INDEX = """\
    indexes=(
        Index(("due_at",)),
"""
METHOD = """\
    def is_late(self, moment: datetime) -> bool:
        \"""Return whether it should be back.\"""
        return moment > self.due_at

    def close("""
PORT = "    clock: Clock\n    reminders: Reminders\n"
IMPORTS = """\
from chalicelib.domain.loan import Loan
from chalicelib.domain.reminders import Reminders
"""
LAST_IMPORT = "from chalicelib.domain.member import Member\n"
CONSTRUCTION = "LoanCommands(service.repository(Loan), service.clock)"
WITH_PORT = "LoanCommands(service.repository(Loan), service.clock, service.adapter(Reminders))"

# Of the aggregate that goes.
REACTION = """\
  lending.loan.opened.v1:
    behavior: Book.note_lent
    identifier: book_id
"""

# Edits by hand: a rule, an index, a method, and a port for a handler.
EDITS = [
    (LOAN, "        self.due_at = due_at\n", RULE),
    (LOAN, "    indexes=(\n", INDEX),
    (LOAN, "    def close(", METHOD),
    (COMMANDS, "    clock: Clock\n", PORT),
    (COMMANDS, "from chalicelib.domain.loan import Loan\n", IMPORTS),
    (WIRING, LAST_IMPORT, f"{LAST_IMPORT}from chalicelib.domain.reminders import Reminders\n"),
    (WIRING, CONSTRUCTION, WITH_PORT),
]

EVENT = """\
      LoanPrinted:
        description: A slip was printed.
      LoanClosed:
"""
BEHAVIOR = """\
      print_slip:
        description: Print a slip.
        when: [open]
        records: LoanPrinted
    commands:
      PrintSlip: {behavior: print_slip}
      LendBook"""

# An attribute, a filter, an event, a behaviour and a command more.
GROWTH = [
    ("      condition: text(200)?\n", "      condition: text(200)?\n      fine: money?\n"),
    ("takes: [condition]", "takes: [condition, fine]"),
    ("condition: text(200), sender", "condition: text(200), fine: money, sender"),
    ("tells: [book_id, member_id, condition]", "tells: [book_id, member_id, condition, fine]"),
    ("filters: [member_id, status], order", "filters: [member_id, status, book_id], order"),
    ("      LoanClosed:\n", EVENT),
    ("    commands:\n      LendBook", BEHAVIOR),
]

# Callers have to send more: a parameter, and a part of a value.
NEEDED = [
    ("      home: address\n", "      home: address\n      phone: text(20)\n"),
    ("takes: [card_number, name, home]", "takes: [card_number, name, home, phone]"),
    ("      room: text(40)\n", "      room: text(40)\n      floor: integer(0..9)\n"),
]


@pytest.fixture
def service(lending: Service, tmp_path: Path) -> Service:
    """The lending desk, to be changed."""
    return lending.clone(tmp_path / "service")


def edit(service: Service) -> None:
    """Edit the code as people do, and commit it."""
    for path, old, new in EDITS:
        service.edit(path, (old, new))
    service.commit()


def test_a_grown_model_gets_into_edited_code(service: Service) -> None:
    edit(service)
    before = service.code()
    service.edit("model.yaml", *GROWTH)
    output = service.run("carafe", "scaffold")
    assert "left" not in output
    assert "needs   ReturnBook is refused without fine from now on" in output
    after = service.code()
    assert rewritten_files({path: before[path] for path, _, _ in EDITS}, after) == []
    for path, words in (
        (LOAN, ["fine: Money | None = None", "def print_slip", "too_short", 'Index(("due_at",))']),
        (COMMANDS, ["PrintSlip: self.print_slip", "reminders: Reminders"]),
        (WIRING, ["service.clock, service.adapter(Reminders)"]),
        ("chalicelib/contracts/client.py", ["def print_slip("]),
        ("chalicelib/api/loans/routes.py", ['"/loans/{id}/print-slip", PrintSlip']),
        ("tests/unit/test_loan.py", ["def test_print_slip_"]),
    ):
        assert [each for each in words if each not in after[path]] == []
    service.require_clean_code()
    service.commit()
    assert "extended" not in service.run("carafe", "scaffold")
    assert service.status() == ""


def test_what_callers_have_to_send_from_now_on_is_said_once(service: Service) -> None:
    service.edit("model.yaml", *NEEDED)
    before = service.code()
    for options, changed in ((["--dry-run"], False), ([], True)):
        output = service.run("carafe", "scaffold", *options)
        needed = re.findall(
            r"^needs +(\w+) is refused without (\S+) from now on: .* a 422$", output, re.MULTILINE
        )
        assert needed == [
            ("AcquireBook", "shelf_mark.floor"),
            ("MoveBook", "shelf_mark.floor"),
            ("JoinLibrary", "phone"),
        ]
        assert "What to do about it: `carafe page growing`." in output
        assert (service.code() != before) == changed
    service.edit("model.yaml", ("A book that can be lent.", "A book of the library."))
    assert "needs" not in service.run("carafe", "scaffold")


def test_what_people_and_the_model_changed_is_left_and_shown_once(service: Service) -> None:
    service.edit(LOAN, ("LARGEST_RENEWALS = 5", "LARGEST_RENEWALS = 6"))
    service.commit()
    service.edit("model.yaml", ("renewals: integer(0..5)", "renewals: integer(0..7)"))
    output = service.run("carafe", "scaffold")
    assert f"left as it is  {LOAN}" in output
    assert "-LARGEST_RENEWALS = 6" in output
    assert "+LARGEST_RENEWALS = 7" in output
    assert "LARGEST_RENEWALS = 6" in service.code()[LOAN]
    assert "left" not in service.run("carafe", "scaffold")


def test_what_people_deleted_comes_back_only_by_its_name(service: Service) -> None:
    service.edit(COMMANDS, ("            RenewLoan: self.renew_loan,\n", ""))
    (service.folder / "tests/unit/test_loan.py").unlink()
    service.commit()
    output = service.run("carafe", "scaffold")
    assert "not written    tests/unit/test_loan.py" in output
    assert service.status() == ""
    service.run("carafe", "scaffold", "aggregate", "Loan")
    assert "tests/unit/test_loan.py" in service.status()


def without_title(service: Service) -> None:
    """Take moving out of the model: event, behaviour and command; and rename the title."""
    service.edit(
        "model.yaml",
        ("      BookMoved:\n        description: A book stands elsewhere.\n", ""),
        ("        tells: [shelf_mark]\n", ""),
        ("      move:\n        description: Put a book on another shelf.\n", ""),
        ("        takes: [shelf_mark]\n        records: BookMoved\n", ""),
        ('      MoveBook: {behavior: move, route: "PUT /books/{id}/shelf-mark"}\n', ""),
        ("      title: text(200)\n", "      name: text(200)\n"),
        ("tells: [isbn, title, ", "tells: [isbn, name, "),
        ("takes: [isbn, title, ", "takes: [isbn, name, "),
        ("order: [title]", "order: [name]"),
    )


def test_nothing_is_removed_unless_it_is_said(service: Service) -> None:
    without_title(service)
    service.commit()
    output = service.run("carafe", "scaffold", expected=1)
    for line in (
        "attribute Book.title (or was it renamed to name?)",
        *("event Book.BookMoved", "behavior Book.move", "command Book.MoveBook"),
    ):
        assert f"\n  {line}\n" in output
    assert service.status() == ""
    service.run("carafe", "scaffold", "--remove")
    after = service.code()
    assert "title" not in after["chalicelib/domain/book.py"]
    gone = re.compile(r"BookMoved|MoveBook|move_book")
    assert {path: found[0] for path, text in after.items() if (found := gone.search(text))} == {}
    service.require_clean_code()


def test_what_people_edited_is_not_removed(service: Service) -> None:
    service.edit("chalicelib/domain/book.py", ("    def move(", "    # Ours.\n    def move("))
    without_title(service)
    service.commit()
    output = service.run("carafe", "scaffold", "--remove", expected=1)
    assert "nothing was written: chalicelib/domain/book.py" in output
    assert "BookMoved" in output
    assert service.status() == ""


def test_an_aggregate_that_went_is_taken_out_whole(service: Service) -> None:
    model = service.folder / "model.yaml"
    before, _, rest = model.read_text().partition("  Book:\n")
    remaining = "  Member:\n" + rest.partition("  Member:\n")[2]
    model.write_text(before + remaining.replace(REACTION, ""))
    output = service.run("carafe", "scaffold", "--remove")
    assert "removed        chalicelib/domain/book.py" in output
    gone = re.compile(r"\bBook\b|BookView|\bbooks\b|AcquireBook")
    after = service.code()
    assert {path: found[0] for path, text in after.items() if (found := gone.search(text))} == {}
    assert not (service.folder / "chalicelib/api/books").exists()
    service.require_clean_code()


def test_without_its_memory_only_what_is_missing_is_added(service: Service) -> None:
    edit(service)
    (service.folder / MEMORY).unlink()
    service.commit()
    before = service.code()
    service.edit("model.yaml", GROWTH[0])
    service.run("carafe", "scaffold")
    after = service.code()
    assert rewritten_files(before, after) == []
    assert "fine: Money | None = None" in after[LOAN]
    assert (service.folder / MEMORY).exists()
