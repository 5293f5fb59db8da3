"""What a model adds to shared files, and what of another content it leaves there."""

import shutil
from functools import partial
from pathlib import Path

import pytest

from carafe.development.scaffold import edits
from carafe.development.scaffold.tree import Outcome, Tree

ROOT = Path(__file__).parents[3]
FILE = "commands.py"
PRESENT = """\
\"\"\"Commands.\"\"\"


class RenewLoan:
    \"\"\"Renew it.\"\"\"

    id: str  # of the loan


LAST = 1
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / FILE).write_text(PRESENT)
    return Tree(tmp_path)


def define(tree: Tree, definition: str) -> None:
    edit = partial(edits.with_definition, definition=definition)
    tree.extend(FILE, edit, partial(edit, overwrite=True))


def test_a_definition_that_says_the_same_is_there_already(tree: Tree) -> None:
    define(tree, "class RenewLoan:\n    'Renew it.'\n    id: str")
    assert [each.state for each in tree.outcomes()] == ["same"]


def test_a_definition_of_another_content_is_left_and_shown(tree: Tree) -> None:
    define(tree, 'class RenewLoan:\n    """Renew it."""\n\n    id: str\n    until: str')
    (outcome,) = tree.outcomes()
    assert outcome.state == "left"
    assert "+    until: str" in outcome.diff
    tree.write([outcome])
    assert (tree.root / FILE).read_text() == PRESENT
    tree.write([outcome], overwrite=True)
    assert "until: str\n\n\nLAST = 1" in (tree.root / FILE).read_text()


def test_a_file_is_extended_around_what_is_left(tree: Tree) -> None:
    define(tree, "class RenewLoan:\n    until: str")
    define(tree, "class LendBook:\n    id: str")
    extended, left = tree.outcomes()
    assert (extended.state, left.state) == ("extended", "left")
    tree.write([extended, left])
    text = (tree.root / FILE).read_text()
    assert "class LendBook" in text
    assert "until" not in text


def test_a_member_of_another_content_is_exchanged_when_asked_to() -> None:
    text = "class Client:\n    def send(self) -> None:\n        pass\n"
    member = "def send(self) -> int:\n    return 1"
    assert edits.with_member(text, "Client", member) == text
    assert "return 1" in edits.with_member(text, "Client", member, overwrite=True)


@pytest.mark.parametrize("obstacle", ["new/inner", "new/inner/last.py"])
def test_files_are_written_all_or_none(tree: Tree, obstacle: str) -> None:
    """The obstacle is a file where a folder belongs, or a folder where a file does."""
    in_the_way = tree.root / obstacle
    in_the_way.parent.mkdir(parents=True)
    if in_the_way.suffix:
        in_the_way.mkdir()
    else:
        in_the_way.touch()
    before = sorted(tree.root.rglob("*"))
    names = (FILE, "first.py", "other/second.py", "new/inner/last.py")
    with pytest.raises(OSError, match="inner"):
        tree.write([Outcome(Path(name), "new", "X = 1\n") for name in names])
    assert sorted(tree.root.rglob("*")) == before
    assert (tree.root / FILE).read_text() == PRESENT
