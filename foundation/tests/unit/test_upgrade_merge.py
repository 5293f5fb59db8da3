"""What is new in the templates is merged as git merges branches; nothing of the team's is lost."""

import stat
from pathlib import Path

import pytest

from carafe.development.upgrade.merge import Merge, conflicted, merge_templates
from carafe.development.upgrade.working_copy import Copy

Files = dict[str, str | bytes]

PAGE = "".join(f"line {number}\n" for number in range(1, 21))
NEW_PAGE = PAGE.replace("line 3\n", "line three\n")


def _write(folder: Path, files: Files) -> Path:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


class Merging:
    """A service's files, and those of two versions' templates."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.copy = Copy(folder / "copy")

    def merge(self, ours: Files, base: Files, theirs: Files) -> Merge:
        for name, files in (("copy", ours), ("base", base), ("theirs", theirs)):
            (self._folder / name).mkdir()
            _write(self._folder / name, files)
        self.copy.begin()
        base_folder, their_folder = self._folder / "base", self._folder / "theirs"
        return merge_templates(self.copy, base_folder, their_folder, "1.0.0", "1.1.0")

    def text(self, name: str) -> str:
        return (self.copy.folder / name).read_bytes().decode()

    def names(self) -> set[str]:
        paths = (path for path in self.copy.folder.rglob("*") if path.is_file())
        names = {path.relative_to(self.copy.folder).as_posix() for path in paths}
        return {name for name in names if not name.startswith(".git/")}


@pytest.fixture
def merging(tmp_path: Path) -> Merging:
    """A service's files, and those of two versions' templates."""
    return Merging(tmp_path)


def test_what_is_new_comes_beside_what_the_team_changed(merging: Merging) -> None:
    ours = PAGE.replace("line 18\n", "ours\n")
    merge = merging.merge({"a.md": ours, "own.py": "x\n"}, {"a.md": PAGE}, {"a.md": NEW_PAGE})
    assert merge == Merge([], [])
    assert merging.text("a.md") == ours.replace("line 3\n", "line three\n")
    assert merging.names() == {"a.md", "own.py"}


def test_a_conflict_is_shown_with_both_sides_and_the_base(merging: Merging) -> None:
    ours = PAGE.replace("line 3\n", "line drei\n")
    merge = merging.merge({"a.md": ours}, {"a.md": PAGE}, {"a.md": NEW_PAGE})
    assert merge.conflicts == ["a.md"]
    assert "<<<<<<< HEAD\nline drei\n||||||| " in merging.text("a.md")
    assert "\nline 3\n=======\nline three\n>>>>>>> " in merging.text("a.md")
    assert "(carafe 1.1.0)\n" in merging.text("a.md")
    assert conflicted(merging.copy, merge.conflicts) == ["a.md"]
    _write(merging.copy.folder, {"a.md": NEW_PAGE})
    assert conflicted(merging.copy, merge.conflicts) == []


def test_what_is_new_follows_a_file_that_the_team_renamed(merging: Merging) -> None:
    ours = PAGE.replace("line 18\n", "ours\n")
    merge = merging.merge({"docs/b.md": ours}, {"a.md": PAGE}, {"a.md": NEW_PAGE})
    assert merge == Merge([], [])
    assert merging.names() == {"docs/b.md"}
    assert merging.text("docs/b.md") == ours.replace("line 3\n", "line three\n")


def test_what_the_team_deleted_stays_deleted_with_a_note(merging: Merging) -> None:
    merge = merging.merge({"own.py": "x\n"}, {"a.md": PAGE}, {"a.md": NEW_PAGE})
    assert merge == Merge(["a.md was deleted here and stays so; it is new in 1.1.0"], [])
    assert merging.names() == {"own.py"}


def test_what_the_new_version_no_longer_has_goes_if_it_is_as_it_was(merging: Merging) -> None:
    merge = merging.merge(
        {"a.md": PAGE, "b.md": "b\n"}, {"a.md": PAGE, "b.md": "b\n"}, {"b.md": "b\n"}
    )
    assert merge == Merge([], [])
    assert merging.names() == {"b.md"}


def test_what_the_new_version_no_longer_has_stays_if_the_team_changed_it(merging: Merging) -> None:
    files: Files = {"b.md": "b\n"}
    ours = PAGE.replace("line 18\n", "ours\n")
    merge = merging.merge({"a.md": ours, **files}, {"a.md": PAGE, **files}, files)
    assert merge == Merge(["a.md was changed here and stays; 1.1.0 no longer has it"], [])
    assert merging.text("a.md") == ours


def test_a_new_file_whose_name_the_team_has_is_a_conflict(merging: Merging) -> None:
    files: Files = {"b.md": PAGE}
    merge = merging.merge({"a.md": "ours\n", **files}, files, {"a.md": "theirs\n", **files})
    assert merge.conflicts == ["a.md"]
    assert "<<<<<<< HEAD\nours\n" in merging.text("a.md")
    assert "\ntheirs\n>>>>>>> " in merging.text("a.md")


def test_a_new_file_that_the_team_has_already_is_none(merging: Merging) -> None:
    files: Files = {"b.md": PAGE}
    merge = merging.merge({"a.md": "same\n", **files}, files, {"a.md": "same\n", **files})
    assert merge == Merge([], [])


def test_a_file_with_other_line_ends_keeps_them(merging: Merging) -> None:
    ours = PAGE.replace("line 18\n", "ours\n").replace("\n", "\r\n")
    merge = merging.merge({"a.md": ours}, {"a.md": PAGE}, {"a.md": NEW_PAGE})
    assert merge == Merge([], [])
    assert merging.text("a.md") == ours.replace("line 3\r\n", "line three\r\n")


def test_attributes_and_bytes_are_left_alone(merging: Merging) -> None:
    """What a service's .gitattributes asks for would change bytes, or call a filter."""
    attributes = "* text=auto eol=crlf\n*.bin filter=lfs -text\n"
    ours: Files = {".gitattributes": attributes, "a.md": PAGE, "b.bin": b"\x00\n\xff\r\n"}
    base: Files = {"a.md": PAGE}
    merge = merging.merge(ours, base, {"a.md": NEW_PAGE})
    assert merge == Merge([], [])
    assert merging.text("a.md") == NEW_PAGE
    assert (merging.copy.folder / "b.bin").read_bytes() == b"\x00\n\xff\r\n"


def test_the_chronicle_is_the_teams_own(merging: Merging) -> None:
    files: Files = {"CHANGELOG.md": "made with 1.0.0\n"}
    merging.merge(files, files, {"CHANGELOG.md": "made with 1.1.0\n"})
    assert merging.text("CHANGELOG.md") == "made with 1.0.0\n"


def test_a_program_stays_a_program(tmp_path: Path, merging: Merging) -> None:
    for name in ("copy", "base", "theirs"):
        (tmp_path / name).mkdir()
        _write(tmp_path / name, {"run": NEW_PAGE if name == "theirs" else PAGE, "own": "x\n"})
        (tmp_path / name / "run").chmod(0o755)
    merging.copy.begin()
    merge_templates(merging.copy, tmp_path / "base", tmp_path / "theirs", "1.0.0", "1.1.0")
    assert (merging.copy.folder / "run").stat().st_mode & stat.S_IXUSR
    assert merging.text("run") == NEW_PAGE
