"""The command tells what to do next, wherever it ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from carafe.development.upgrade import command, database_changes, writing
from carafe.development.upgrade.beginning import Request
from carafe.development.upgrade.contents import Content
from carafe.development.upgrade.errors import UpgradeFailed
from carafe.development.upgrade.working_copy import BEFORE
from carafe.development.upgrade.workspace import State, Workspace
from tests.support.command_runner import CommandRunner
from tests.support.git_tree import GitTree
from tests.support.upgrading import change_page


class Desk:
    """A service whose upgrade adds a line to its page, with nothing to check."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        (root / "page.md").write_text("ours\n")
        repository = GitTree(root)
        repository.git("init", "--quiet")
        repository.commit()
        self.root = root
        self.conflicts: list[str] = []
        patch.setattr(command, "project", lambda: SimpleNamespace(root=root))
        patch.setattr(command, "begin", self._begin)
        patch.setattr(command, "check", lambda *_: None)

    def _begin(self, workspace: Workspace, _: Request) -> State:
        change_page(workspace)
        return State("1.0.0", "1.1.0", "digest", self.conflicts)

    def upgrade(self, *words: str) -> str:
        """Call the command, and return what it says on stderr, and why it failed."""
        result = CommandRunner().invoke(command.upgrade, words)
        failure = result.exception if isinstance(result.exception, UpgradeFailed) else ""
        return f"{result.stderr}{failure}"

    def page(self) -> str:
        return (self.root / "page.md").read_text()


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A service whose upgrade adds a line to its page, with nothing to check."""
    return Desk(tmp_path, monkeypatch)


def test_a_conflict_in_which_git_leaves_no_marks_waits_for_a_person(desk: Desk) -> None:
    """Such as that of a file whose lines the team lets no merge touch."""
    desk.conflicts = ["page.md"]
    assert "conflicts are left in the copy: page.md. " in desk.upgrade()
    assert desk.page() == "ours\n"
    assert desk.upgrade("--continue") == ""
    assert desk.page() == "ours\nnew\n"


@pytest.mark.parametrize("words", [(), ("--continue",)])
def test_whoever_stops_it_while_it_writes_is_told_how_it_ends(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    def interrupted(_path: Path, _content: Content | None) -> None:
        raise SystemExit(130)

    if words:
        desk.conflicts = ["page.md"]
        desk.upgrade()
    with monkeypatch.context() as patch:
        patch.setattr(writing, "put", interrupted)
        output = desk.upgrade(*words)
    assert "was cut off while it was written: `carafe upgrade --continue` writes" in output
    assert desk.upgrade("--continue") == ""
    assert desk.page() == "ours\nnew\n"


def test_databases_are_compared_again_after_a_comparison_that_was_killed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def mongodb(_: Path) -> Iterator[str]:
        yield "mongodb://nowhere"

    workspace = Workspace(desk.root)
    workspace.begin()
    change_page(workspace)
    before = workspace.subfolder("comparison") / "before"
    workspace.copy.git("worktree", "add", "--quiet", "--detach", str(before), BEFORE)
    monkeypatch.setattr(database_changes, "_mongodb", mongodb)
    monkeypatch.setattr(database_changes, "_carafe", lambda *_: (0, ""))
    folder = workspace.subfolder("comparison")
    assert database_changes.database_changes(workspace.copy, folder) == []
