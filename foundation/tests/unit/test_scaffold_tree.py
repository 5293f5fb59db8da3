"""What a model adds to shared files, and what of another content it leaves there."""

import shutil
from pathlib import Path

import pytest

from carafe.development.scaffold.definition_insertions import Definition
from carafe.development.scaffold.edits import NoPlace
from carafe.development.scaffold.memory import Memory
from carafe.development.scaffold.outcomes import Outcome, write
from carafe.development.scaffold.tree import Tree

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
    tree.extend(FILE, Definition(definition))


def test_a_definition_that_says_the_same_is_there_already(tree: Tree) -> None:
    define(tree, "class RenewLoan:\n    'Renew it.'\n    id: str")
    assert [each.state for each in tree.outcomes()] == ["same"]


def test_a_definition_of_another_content_is_left_and_shown(tree: Tree) -> None:
    define(tree, 'class RenewLoan:\n    """Renew it."""\n\n    id: int')
    (outcome,) = tree.outcomes()
    assert outcome.state == "left"
    assert "+    id: int" in outcome.diff
    write(tree.root, [outcome])
    assert (tree.root / FILE).read_text() == PRESENT
    write(tree.root, [outcome], overwrite=True)
    assert "id: int\n\n\nLAST = 1" in (tree.root / FILE).read_text()


def test_a_file_is_extended_around_what_is_left(tree: Tree) -> None:
    define(tree, "class RenewLoan:\n    id: int")
    define(tree, "class LendBook:\n    id: str")
    extended, left = tree.outcomes()
    assert (extended.state, left.state) == ("extended", "left")
    write(tree.root, [extended, left])
    text = (tree.root / FILE).read_text()
    assert "class LendBook" in text
    assert "id: int" not in text


def test_an_exemption_that_the_formatter_adds_is_no_edit(tree: Tree) -> None:
    definition = Definition(f'LONG = "{"x" * 120}"')
    tree.extend(FILE, definition)
    write(tree.root, tree.outcomes())
    assert "# noqa: E501" in (tree.root / FILE).read_text()
    later = Tree(tree.root, tree.memory({}))
    later.remove_the_rest()
    (outcome,) = later.outcomes()
    assert outcome.state == "extended"
    assert "LONG" not in outcome.text


@pytest.mark.parametrize("content", [b"def f(:\n", b"'\xff'", b"f(\n", b")\n"])
def test_what_is_not_python_is_not_removed(tree: Tree, content: bytes) -> None:
    (tree.root / FILE).write_bytes(content)
    later = Tree(tree.root, Memory(files={FILE: PRESENT}))
    later.remove_the_rest()
    with pytest.raises(NoPlace, match=f"{FILE} is not valid Python"):
        later.outcomes()


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
        write(tree.root, [Outcome(Path(name), "new", "X = 1\n") for name in names])
    assert sorted(tree.root.rglob("*")) == before
    assert (tree.root / FILE).read_text() == PRESENT
