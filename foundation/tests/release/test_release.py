"""`make release`: what a commit becomes, and what is refused."""

import shutil
import sys
import tarfile
import time
import zipfile
from pathlib import Path

import pytest

import carafe
from release import changelog
from release.compatibility import KEPT, Release
from release.distributions import SUMS, digest
from release.document import surface_of
from release.surface import Code
from tests.support.commands import output_of
from tests.support.git_tree import GitTree
from tests.support.places import ROOT

VERSION = carafe.__version__
DATE = "2026-01-31"


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> GitTree:
    """A repository with this tree's files, whose changelog says that they are released."""
    tree = GitTree(tmp_path_factory.mktemp("released") / "carafe")
    names = GitTree(ROOT).git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, names.split("\0")):
        # Whether something breaks the last release is no matter here: it may be this version.
        if (ROOT / name).is_file() and name != KEPT.as_posix():
            (tree.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tree.folder / name)
    tree.git("init", "--quiet")
    _date(tree.folder)
    tree.commit()
    return tree


@pytest.fixture
def clone(released: GitTree, tmp_path: Path) -> GitTree:
    """A clone of it, without tags."""
    clone = GitTree(tmp_path / "clone")
    released.git("clone", "--quiet", str(released.folder), str(clone.folder))
    return clone


def _date(tree: Path) -> None:
    """Give the version's section a date, and leave nothing in that of unreleased changes."""
    path = tree / changelog.NAME
    text = path.read_text("utf-8").replace("## [Unreleased]", f"## [{VERSION}]")
    lines = text.splitlines(keepends=True)
    heading = f"## [{VERSION}] - {DATE}\n"
    dated = [heading if line.startswith(f"## [{VERSION}]") else line for line in lines]
    first = dated.index(heading)
    kept = [line for number, line in enumerate(dated) if line != heading or number == first]
    path.write_text("".join(kept), encoding="utf-8")


def release(tree: GitTree, *options: str, expected: int = 0) -> str:
    """Run the command in a clone, and return its output."""
    command = (sys.executable, "-m", "release", *options)
    return output_of(tree.folder / "foundation", *command, expected=expected)


def errors(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("error: ")]


def test_a_commit_becomes_the_same_release_wherever_it_is_made(
    clone: GitTree, released: GitTree
) -> None:
    output = release(clone, "--tag", f"v{VERSION}")
    dist = clone.folder / "dist"
    names = {
        *(f"carafe_foundation-{VERSION}{each}" for each in ("-py3-none-any.whl", ".tar.gz")),
        *(f"carafe_foundation-{VERSION}.cdx.json", f"public_surface-{VERSION}.json"),
    }
    assert {path.name for path in dist.iterdir()} == {*names, SUMS}
    sums = (dist / SUMS).read_text()
    assert sums == "".join(f"{digest(dist / name)}  {name}\n" for name in sorted(names))
    assert f"cp dist/public_surface-{VERSION}.json {KEPT}" in output
    assert clone.status() == ""

    release(released)
    assert (released.folder / "dist" / SUMS).read_text() == sums

    made_at = int(clone.git("log", "-1", "--format=%ct"))
    with zipfile.ZipFile(dist / f"carafe_foundation-{VERSION}-py3-none-any.whl") as wheel:
        times = {each.date_time for each in wheel.infolist()}
    assert times == {time.gmtime(made_at - made_at % 2)[:6]}  # zip counts in steps of two seconds

    with tarfile.open(dist / f"carafe_foundation-{VERSION}.tar.gz") as sdist:
        inside = {name.split("/")[1] for name in sdist.getnames()}
    own = {
        ".gitignore",
        "CHANGELOG.md",
        "PKG-INFO",
        "README.md",
        "hatch_build.py",
        "pyproject.toml",
    }
    assert inside == own | {"carafe", "sample"}


def test_everything_that_is_wrong_is_told_in_a_line_each(clone: GitTree) -> None:
    (clone.folder / "dist").mkdir()
    (clone.folder / "dist" / SUMS).write_text("of the release before")
    edits = {
        "requirements.txt": (f"=={VERSION}", "==9.9.9"),
        changelog.NAME: (f" - {DATE}", ""),
        "CONTRIBUTING.md": ("(CHANGELOG.md)", "(CHANGES.md)"),
        "foundation/carafe/domain/money.py": ("class Money", "class Coins"),
    }
    for name, (old, new) in edits.items():
        text = (clone.folder / name).read_text("utf-8")
        assert old in text
        (clone.folder / name).write_text(text.replace(old, new), encoding="utf-8")
    clone.commit()
    lines = errors(release(clone, expected=1))
    wanted = ["requirements.txt:3: says 9.9.9", "CHANGELOG.md: give", "CONTRIBUTING.md: the link"]
    wanted.append("carafe.domain.money.Money is public, and does not exist")
    assert [any(each in line for line in lines) for each in wanted] == [True] * len(wanted), lines
    assert len(lines) == len(wanted)
    assert (clone.folder / "dist" / SUMS).read_text() == "of the release before"


def test_what_the_last_release_promised_is_compared(clone: GitTree) -> None:
    last = Release.of(VERSION, Code(clone.folder), surface_of(clone.folder))
    (clone.folder / KEPT).write_text(last.text(), encoding="utf-8")
    clone.commit()
    (line,) = errors(release(clone, expected=1))
    assert line == f"error: {VERSION} is released already ({KEPT}), and {VERSION} is not newer"


def test_a_tree_that_is_not_its_commit_is_refused(clone: GitTree) -> None:
    (clone.folder / "README.md").write_text("Changed.")
    for number in range(3):
        (clone.folder / f"new-{number}.txt").touch()
    output = release(clone, expected=1)
    assert output == (
        "error: the tree differs from its commit in README.md, new-0.txt, new-1.txt and 1 more: "
        "commit or remove these first\n"
    )


def test_a_folder_without_history_is_refused(clone: GitTree) -> None:
    shutil.rmtree(clone.folder / ".git")
    (line,) = release(clone, expected=1).splitlines()
    assert line.startswith("error: git rev-parse failed: fatal: not a git repository")
    outer = GitTree(clone.folder.parent)
    outer.git("init", "--quiet")
    outer.commit()
    (line,) = release(clone, expected=1).splitlines()
    assert line.endswith(" is not the top of a git repository: release from a clone")
