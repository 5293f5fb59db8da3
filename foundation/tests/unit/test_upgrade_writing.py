"""An upgrade is written as a whole, and taken back exactly; no change of the team is lost."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from carafe.development.upgrade import writing
from carafe.development.upgrade.contents import Content, put
from carafe.development.upgrade.errors import UpgradeFailed
from carafe.development.upgrade.service import (
    copy_tracked,
    ignored,
    private_folder,
    require_clean,
)
from carafe.development.upgrade.working_copy import AFTER
from carafe.development.upgrade.workspace import State, Workspace
from carafe.development.upgrade.writing import undo, write
from tests.support.git_tree import GitTree

PAGE = "".join(f"line {number}\n" for number in range(1, 21))

Tree = dict[str, tuple[bytes, bool]]


class Upgrade:
    """A service whose copy is upgraded: a page is changed, files are new, gone, and programs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.repository = GitTree(root)
        self.workspace = Workspace(root)
        self.state = State("1.0.0", "1.1.0", "digest")
        self.before = self.tree()

    @classmethod
    def made(cls, root: Path) -> "Upgrade":
        root.mkdir()
        (root / "page.md").write_text(PAGE)
        (root / "old").mkdir()
        (root / "old/gone.bin").write_bytes(b"\x00\r\n\xff")
        (root / "run").write_text("#!/bin/sh\n")
        for name in ("link", "pointer"):
            (root / name).symlink_to("page.md")
        (root / ".gitignore").write_text(".env\n.local\nsecret\n")
        upgrade = cls(root)
        upgrade.repository.git("init", "--quiet")
        upgrade.repository.commit()
        upgrade.change_copy()
        return upgrade

    def change_copy(self) -> None:
        self.workspace.begin()
        folder = self.workspace.subfolder("copy")
        copy_tracked(self.root, folder)
        self.workspace.copy.begin()
        (folder / "page.md").write_text(PAGE.replace("line 3\n", "line three\n"))
        (folder / "new").mkdir()
        (folder / "new/page.md").write_text("new\n")
        (folder / "old/gone.bin").unlink()
        (folder / "run").chmod(0o755)
        for name in ("link", "pointer"):
            (folder / name).unlink()
        (folder / "link").symlink_to("new/page.md")
        (folder / "pointer").write_text("a file now\n")
        self.workspace.copy.mark(AFTER, self.workspace.copy.commit("upgraded"))

    def tree(self) -> Tree:
        """Return every file beside git's and the upgrade's own, and whether it is a program."""
        paths = [path for path in self.root.rglob("*") if path.is_file() or path.is_symlink()]
        return {
            path.relative_to(self.root).as_posix(): (
                bytes(path.readlink()) if path.is_symlink() else path.read_bytes(),
                os.access(path, os.X_OK),
            )
            for path in paths
            if not {".git", ".local"} & set(path.parts)
        }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service whose copy is upgraded; tests have copies of it."""
    return Upgrade.made(tmp_path_factory.mktemp("made") / "service").root


@pytest.fixture
def upgrade(made: Path, tmp_path: Path) -> Upgrade:
    """A service whose copy is upgraded."""
    return Upgrade(shutil.copytree(made, tmp_path / "service", symlinks=True))


def test_what_is_in_the_copy_is_written_and_taken_back_exactly(upgrade: Upgrade) -> None:
    write(upgrade.workspace, upgrade.state)
    tree = upgrade.tree()
    assert tree["page.md"][0].decode() == PAGE.replace("line 3\n", "line three\n")
    assert tree["new/page.md"] == (b"new\n", False)
    assert tree["run"] == (b"#!/bin/sh\n", True)
    assert tree["link"][0] == b"new/page.md"
    assert tree["pointer"] == (b"a file now\n", False)
    assert "old/gone.bin" not in tree
    assert not (upgrade.root / "old").exists()
    upgrade.workspace.drop()
    undo(upgrade.root)
    assert upgrade.tree() == upgrade.before
    assert not (upgrade.root / "new").exists()
    assert upgrade.repository.status() == ""


def test_it_is_taken_back_once(upgrade: Upgrade) -> None:
    write(upgrade.workspace, upgrade.state)
    undo(upgrade.root)
    with pytest.raises(UpgradeFailed, match="no upgrade to take back"):
        undo(upgrade.root)


def test_it_is_taken_back_after_a_commit_too(upgrade: Upgrade) -> None:
    write(upgrade.workspace, upgrade.state)
    upgrade.repository.commit()
    undo(upgrade.root)
    assert upgrade.tree() == upgrade.before


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "page.md").write_text(PAGE + "meanwhile\n"),
        lambda root: (root / "page.md").unlink(),
        lambda root: (root / "run").write_text("exec\n"),
        lambda root: (root / "old/gone.bin").write_text("needed\n"),
        lambda root: ((root / "new").mkdir(), (root / "new/page.md").write_text("ours\n")),
        lambda root: (root / "new").write_text("a file where a folder is to be\n"),
    ],
)
def test_what_changed_meanwhile_stops_it_before_anything_is_written(
    upgrade: Upgrade, change: Callable[[Path], object]
) -> None:
    change(upgrade.root)
    before = upgrade.tree()
    with pytest.raises(UpgradeFailed, match="changed in the service meanwhile"):
        write(upgrade.workspace, upgrade.state)
    assert upgrade.tree() == before
    assert upgrade.workspace.state() is None


def test_what_changed_beside_it_stays(upgrade: Upgrade) -> None:
    (upgrade.root / "own.py").write_text("x\n")
    write(upgrade.workspace, upgrade.state)
    assert upgrade.tree()["own.py"][0] == b"x\n"


def test_changes_since_are_kept_when_it_is_taken_back(upgrade: Upgrade) -> None:
    write(upgrade.workspace, upgrade.state)
    (upgrade.root / "own.py").write_text("x\n")
    page = upgrade.root / "page.md"
    page.write_text(page.read_text().replace("line 18\n", "since\n"))
    undo(upgrade.root)
    assert page.read_text() == PAGE.replace("line 18\n", "since\n")
    assert upgrade.tree()["own.py"][0] == b"x\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("page.md", PAGE.replace("line 3\n", "line 3, since\n")),
        ("new/page.md", "new\nand since\n"),
        ("old/gone.bin", "since\n"),
        ("page.md", None),
        ("link", None),
    ],
)
def test_changes_since_in_the_same_place_stop_it_as_a_whole(
    upgrade: Upgrade, name: str, text: str | None
) -> None:
    write(upgrade.workspace, upgrade.state)
    put(upgrade.root / name, None if text is None else Content("100644", text.encode()))
    before = upgrade.tree()
    with pytest.raises(UpgradeFailed, match=f"{name} changed since the upgrade"):
        undo(upgrade.root)
    assert upgrade.tree() == before
    with pytest.raises(UpgradeFailed, match=f"{name} changed since the upgrade"):
        undo(upgrade.root)


class _Killed(BaseException):
    """Ends a write where a kill would."""


def _killed_after(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[Path] = []

    def replace(path: Path, content: Content | None) -> None:
        if len(done) == count:
            raise _Killed
        done.append(path)
        put(path, content)

    monkeypatch.setattr(writing, "put", replace)


@pytest.mark.parametrize("count", range(5))
def test_a_write_that_was_cut_off_is_finished_or_taken_back(
    upgrade: Upgrade, made: Path, tmp_path: Path, count: int
) -> None:
    whole = Upgrade(shutil.copytree(made, tmp_path / "whole", symlinks=True))
    write(whole.workspace, whole.state)
    with pytest.MonkeyPatch.context() as patch:
        _killed_after(count, patch)
        with pytest.raises(_Killed):
            write(upgrade.workspace, upgrade.state)
    state = upgrade.workspace.state()
    assert state is not None
    assert state.is_written
    write(upgrade.workspace, state)
    assert upgrade.tree() == whole.tree()
    undo(upgrade.root)
    assert upgrade.tree() == upgrade.before


@pytest.mark.parametrize("count", range(5))
def test_a_write_that_was_cut_off_is_taken_back_at_once(upgrade: Upgrade, count: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        _killed_after(count, patch)
        with pytest.raises(_Killed):
            write(upgrade.workspace, upgrade.state)
    with pytest.MonkeyPatch.context() as patch:
        _killed_after(count // 2, patch)
        with pytest.raises(_Killed):
            undo(upgrade.root)
    undo(upgrade.root)
    assert upgrade.tree() == upgrade.before


def test_only_what_git_tracks_is_copied(upgrade: Upgrade) -> None:
    (upgrade.root / ".env").write_text("SECRET=1\n")
    require_clean(upgrade.root)
    folder = upgrade.workspace.subfolder("again")
    copy_tracked(upgrade.root, folder)
    assert {path.name for path in folder.iterdir()} == {
        *(".gitignore", "link", "old", "page.md", "pointer", "run")
    }


def test_a_damaged_state_is_named(upgrade: Upgrade) -> None:
    (upgrade.workspace.folder / "state.json").write_text("{")
    with pytest.raises(UpgradeFailed, match=r"state\.json is damaged .* remove the folder"):
        upgrade.workspace.state()


def test_what_git_would_not_commit_is_named(upgrade: Upgrade) -> None:
    assert ignored(upgrade.root, ["page.md", "secret", "new/secret"]) == ["secret", "new/secret"]
    assert ignored(upgrade.root, ["page.md"]) == []


def test_a_service_may_be_a_folder_of_a_greater_repository(tmp_path: Path) -> None:
    root = tmp_path / "services/lending"
    root.mkdir(parents=True)
    (root / "app.py").write_text("x\n")
    (tmp_path / "README.md").write_text("of all\n")
    repository = GitTree(tmp_path)
    repository.git("init", "--quiet")
    with pytest.raises(UpgradeFailed, match=r"there are changes \(services/"):
        require_clean(root)
    repository.commit()
    (tmp_path / "README.md").write_text("changed elsewhere\n")
    require_clean(root)
    copy_tracked(root, tmp_path / "copy")
    assert [path.name for path in (tmp_path / "copy").iterdir()] == ["app.py"]
    record = tmp_path / ".git/carafe-upgrade-services%2Flending"
    assert private_folder(root, "carafe-upgrade") == record
    assert private_folder(tmp_path, "carafe-upgrade") == tmp_path / ".git/carafe-upgrade"


def test_a_repository_without_a_commit_is_refused(tmp_path: Path) -> None:
    GitTree(tmp_path).git("init", "--quiet")
    with pytest.raises(UpgradeFailed, match="no commit yet"):
        require_clean(tmp_path)


def test_two_upgrades_at_once_are_refused(upgrade: Upgrade) -> None:
    with (
        upgrade.workspace.locked(),
        pytest.raises(UpgradeFailed, match="another `carafe upgrade` runs here"),
        Workspace(upgrade.root).locked(),
    ):
        pass
    with Workspace(upgrade.root).locked():
        pass
