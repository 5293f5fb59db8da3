"""What the last release promised is kept, or broken with the version and the words it needs."""

import json
from pathlib import Path

import pytest

from release import compatibility
from release.compatibility import KEPT, Release, breaking_changes
from release.document import PLACE, surface_of
from release.surface import Code
from tests.support.places import ROOT

CODE = '''
"""A library."""
from typing import Protocol
from carafe.shelf import Shelf

__version__ = "1.0.0"

class Base:
    """What is inherited."""
    def renew(self, days: int, *, force: bool = False) -> int:
        """Renew it."""
        return days

class Loan(Base):
    """A loan; some of its members bear names that mean something to griffe."""
    book: str
    cls: str
    kind: str
    members: dict[str, int]
    _reader: str
    def end(self, at: int) -> None:
        """End it."""
    def _forget(self) -> None: ...

def lend(book: str, days: int = 14) -> Loan:
    """Lend it."""
    return Loan()

def internal() -> None:
    """Nobody's business."""
'''
SHELF = '''
"""Shelves."""
class Shelf:
    """Where books stand."""
'''
DOCUMENT = """
## Modules and names
| module | names |
|---|---|
| `carafe` | `Loan` `Shelf` `lend` |

## Commands
| command | options |
|---|---|
| `lend` | `--days` |
"""

BREAKS = [
    (CODE, "def lend(", "def borrow(", "carafe.lend is no longer public", "lend"),
    (CODE, "days: int = 14", "days: int", "carafe.lend: Parameter is now required (days)", "lend"),
    (CODE, "str, days", "str, *, days", "carafe.lend: Parameter kind was changed (days)", "lend"),
    (CODE, "def end(", "def stop(", "carafe.Loan.end: Public object was removed", "Loan.end"),
    (CODE, "    book: str\n", "", "carafe.Loan.book: Public object was removed", "Loan.book"),
    (
        *(CODE, "def renew(self, days: int, *", "def renew(self, *"),
        *("carafe.Loan.renew: Parameter was removed (days)", "Loan.renew"),
    ),
    (DOCUMENT, "`lend` |\n", "|\n", "carafe.lend is no longer public", "lend"),
    (DOCUMENT, "| `--days` |", "| |", "lend --days is gone from “Commands”", "lend --days"),
]
"""What is changed, and how; what is told of it, and by which name."""


def write(tree: Path, code: str = CODE, document: str = DOCUMENT) -> None:
    package = tree / "foundation/carafe"
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text(code)
    (package / "shelf.py").write_text(SHELF)
    (tree / PLACE).parent.mkdir(exist_ok=True)
    (tree / PLACE).write_text(document)


def release(tree: Path, version: str) -> Release:
    """Return the surface as its file has it."""
    made = Release.of(version, Code(tree), surface_of(tree))
    return Release(**json.loads(made.text()))


def faults(tree: Path, before: str, now: str, told: str = "") -> list[str]:
    """Return what is wrong with a release of this tree after one of the unchanged code."""
    changed = release(tree, now)
    write(tree)
    last = release(tree, before)
    (tree / "CHANGELOG.md").write_text(f"## [{now}] - 2026-01-31\n\n{told}\n")
    return compatibility.faults(tree, last, changed)


def test_what_is_as_before_is_kept(tree: Path) -> None:
    write(tree)
    assert faults(tree, "1.0.0", "1.0.1") == []


def test_the_surface_of_this_tree_is_compatible_with_itself() -> None:
    """Whatever names it has, it can be kept in a file and held against the code."""
    present = release(ROOT, "1.0.0")
    assert list(breaking_changes(present, present)) == []
    assert len(present.names) > 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("days: int = 14", "days: int = 14, *, reader: str | None = None"),
        ("class Loan(Base):", "class Reader:\n    pass\n\nclass Loan(Base):"),
        ("    _reader: str\n", ""),
        ("    def _forget(self) -> None: ...\n", ""),
        ("def internal() -> None:", "def internal(how: str) -> None:"),
        ("class Base:", "class Foundation:\n    pass\n\nclass Base(Foundation):"),
    ],
)
def test_what_is_added_or_internal_breaks_nothing(tree: Path, old: str, new: str) -> None:
    assert old in CODE
    write(tree, CODE.replace(old, new))
    assert faults(tree, "1.0.0", "1.0.1") == []


@pytest.mark.parametrize(("text", "old", "new", "sentence", "name"), BREAKS)
def test_a_break_needs_a_major_version_and_a_line(
    tree: Path, text: str, old: str, new: str, sentence: str, name: str
) -> None:
    def told(before: str, now: str, told: str = "") -> list[str]:
        assert old in text
        changed = text.replace(old, new)
        write(tree, *((changed, DOCUMENT) if text is CODE else (CODE, changed)))
        return faults(tree, before, now, told)

    assert told("1.4.0", "1.5.0", f"`{name}`") == [f"{sentence}: that needs 2.0.0, not 1.5.0"]
    assert told("0.4.1", "0.4.2", f"`{name}`") == [
        f"{sentence}: that needs 0.5.0 or 1.0.0, not 0.4.2"
    ]
    missing = [f"{sentence}, and CHANGELOG.md does not name `{name}` at [2.0.0]"]
    assert told("1.4.0", "2.0.0", f"`{name}s` and `x.{name}` are others") == missing
    assert told("1.4.0", "2.0.0", f"- `{name}` is gone.") == []
    assert told("0.4.1", "0.5.0", f"- `{name}` is gone.") == []


@pytest.mark.parametrize("now", ["1.0.0", "0.9.0"])
def test_what_is_not_newer_is_refused(tree: Path, now: str) -> None:
    write(tree)
    assert faults(tree, "1.0.0", now) == [
        f"1.0.0 is released already ({KEPT}), and {now} is not newer"
    ]


def test_before_the_first_release_there_is_nothing_to_keep(tree: Path) -> None:
    assert Release.last(tree) is None


def test_the_last_release_is_read_from_its_file(tree: Path) -> None:
    write(tree)
    made = release(tree, "1.0.0")
    (tree / KEPT).parent.mkdir()
    (tree / KEPT).write_text(made.text())
    assert Release.last(tree) == made
    lines = made.text().splitlines()
    assert [line[:10] for line in lines if line.startswith('"Shelf": ')] == ['"Shelf": {']
