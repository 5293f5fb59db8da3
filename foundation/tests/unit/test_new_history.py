"""The first commit of a new service holds all of it."""

from pathlib import Path

import pytest

from carafe.development.new import history
from tests.support.commands import output_of


def test_files_that_git_ignores_in_all_repositories_are_committed_anyway(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub's list for Python, which many use for all their repositories, has `wheels/`."""
    (tmp_path / "ignored").write_text("wheels/\nlocal_settings.py\n")
    (tmp_path / "gitconfig").write_text(f"[core]\n\texcludesFile = {tmp_path / 'ignored'}\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    folder = tmp_path / "service"
    (folder / "wheels").mkdir(parents=True)
    (folder / "app.py").touch()
    (folder / "wheels/carafe_foundation-1.0.0-py3-none-any.whl").touch()
    assert history.begin(folder, "Lending").startswith("Its first commit is ")
    committed = output_of(folder, "git", "ls-files").split()
    assert committed == ["app.py", "wheels/carafe_foundation-1.0.0-py3-none-any.whl"]
