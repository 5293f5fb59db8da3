"""Repositories that hold more than one service, or hide what is not tracked."""

from pathlib import Path

import pytest

from carafe.development.upgrade.contents import content_at
from carafe.development.upgrade.errors import UpgradeFailed
from carafe.development.upgrade.service import private_folder, require_clean
from carafe.development.upgrade.workspace import State, Workspace
from carafe.development.upgrade.writing import undo, write
from tests.support.git_tree import GitTree
from tests.support.upgrading import change_page


def _upgrade(root: Path) -> None:
    workspace = Workspace(root)
    workspace.begin()
    change_page(workspace)
    write(workspace, State("1.0.0", "1.1.0", "digest"))
    workspace.drop()


@pytest.fixture
def services(tmp_path: Path) -> list[Path]:
    """Three services in one repository, one of them at its top, upgraded one after another."""
    roots = [tmp_path, tmp_path / "services/a-b", tmp_path / "services/a/b"]
    for number, root in enumerate(roots):
        root.mkdir(parents=True, exist_ok=True)
        (root / "page.md").write_text(f"service {number}\n")
    (tmp_path / ".gitignore").write_text(".local\n")
    repository = GitTree(tmp_path)
    repository.git("init", "--quiet")
    repository.commit()
    for root in roots:
        _upgrade(root)
    return roots


def test_services_of_one_repository_are_taken_back_each_for_itself(services: list[Path]) -> None:
    for number, root in enumerate(services):
        undo(root)
        content = content_at(root / "page.md")
        assert content is not None
        assert content.data == f"service {number}\n".encode()
        for each in services[number + 1 :]:
            assert (each / "page.md").read_text().endswith("new\n")
    assert len({private_folder(root, "carafe-upgrade") for root in services}) == len(services)


def test_what_is_not_tracked_counts_even_if_git_is_told_to_hide_it(services: list[Path]) -> None:
    root = services[1]
    GitTree(root).git("config", "status.showUntrackedFiles", "no")
    GitTree(root).commit()
    require_clean(root)
    (root / "own.py").write_text("x\n")
    with pytest.raises(UpgradeFailed, match=r"there are changes \(.*own\.py\)"):
        require_clean(root)
