"""One version, wherever it is written."""

from pathlib import Path

import pytest

from release import versions
from release.checkout import NotReleased

PLACES = {
    "requirements.txt": "carafe-foundation[service]==1.2.3\n",
    "pyproject.toml": '[tool.carafe] # what this tree was made with\nversion = "1.2.3"\n',
}
PAST = {
    "CHANGELOG.md": "Since carafe-foundation==0.9.0.\n",
    "memory-bank/decisions/0001-it.md": "carafe-foundation==0.9.0\n",
    "foundation/tests/data/requirements.txt": "carafe-foundation==0.9.0\n",
}


@pytest.fixture
def tree(tree: Path) -> Path:
    """A tree of version 1.2.3."""
    for name, text in {str(versions.HOME): '__version__ = "1.2.3"\n', **PLACES, **PAST}.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text(text)
    return tree


@pytest.mark.parametrize("tag", [None, "v1.2.3"])
def test_the_same_everywhere_is_right(tree: Path, tag: str | None) -> None:
    assert versions.version_of(tree) == "1.2.3"
    assert versions.faults(tree, tag) == []


@pytest.mark.parametrize("name", PLACES)
def test_another_one_is_told_with_its_place(tree: Path, name: str) -> None:
    (tree / name).write_text("\n" + PLACES[name].replace("1.2.3", "1.2.2"))
    (line,) = versions.faults(tree)
    number = PLACES[name].count("\n") + 1
    assert line == f"{name}:{number}: says 1.2.2, and {versions.HOME} 1.2.3"


def test_another_tag_is_told(tree: Path) -> None:
    (line,) = versions.faults(tree, "v1.2.4")
    assert line.startswith("the tag is v1.2.4, and ")
    assert line.endswith(" says 1.2.3: it has to be v1.2.3")


@pytest.mark.parametrize("version", ["1.2", "1.2.3rc1", "1.02.3", "v1.2.3"])
def test_what_is_no_semantic_version_is_refused(tree: Path, version: str) -> None:
    (tree / versions.HOME).write_text(f'__version__ = "{version}"\n')
    with pytest.raises(NotReleased, match=f"{version!r} is not of the form MAJOR.MINOR.PATCH$"):
        versions.version_of(tree)
