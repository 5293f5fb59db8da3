"""`carafe diagrams` writes what the code says, and `--check` reports files that differ."""

from pathlib import Path

import pytest

from carafe.development.cli import main
from carafe.development.diagrams import command
from carafe.development.diagrams.documents import Document, Section
from carafe.development.project import ROOT_MARKERS
from tests.support.command_runner import CommandRunner

ONE = Document("one.md", "One", (Section("A", diagram="flowchart LR\n    a --> b"),))


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandRunner:
    for part in ROOT_MARKERS:
        (tmp_path / part).mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(command, "all_documents", lambda: [ONE])
    return CommandRunner()


def test_files_are_written_and_then_current(runner: CommandRunner) -> None:
    assert runner.invoke(main, ["diagrams"]).output == "wrote  diagrams/one.md\n"
    assert Path("diagrams/one.md").read_text() == ONE.text
    again = runner.invoke(main, ["diagrams", "--check"])
    assert (again.exit_code, again.output) == (
        0,
        "diagrams: the one file is up to date.\n",
    )


def test_a_stale_file_is_named_with_its_difference_and_left(runner: CommandRunner) -> None:
    runner.invoke(main, ["diagrams"])
    changed = ONE.text.replace("a --> b", "a --> c")
    Path("diagrams/one.md").write_text(changed)
    checked = runner.invoke(main, ["diagrams", "--check"])
    assert checked.exit_code == 1
    assert "stale  diagrams/one.md" in checked.output
    assert "-    a --> c" in checked.output
    assert "+    a --> b" in checked.output
    assert Path("diagrams/one.md").read_text() == changed


def test_a_missing_file_is_stale_too(runner: CommandRunner) -> None:
    checked = runner.invoke(main, ["diagrams", "--check"])
    assert (checked.exit_code, Path("diagrams").exists()) == (1, False)
    assert "stale  diagrams/one.md" in checked.output


def test_a_dry_run_shows_what_would_be_written_and_writes_nothing(runner: CommandRunner) -> None:
    result = runner.invoke(main, ["diagrams", "--dry-run"])
    assert (result.exit_code, Path("diagrams").exists()) == (0, False)
    assert "would write  diagrams/one.md" in result.output


def test_a_file_that_nothing_fills_any_more_is_removed(
    runner: CommandRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = Document("two.md", "Two", (), is_optional=True)
    filled = Document("two.md", "Two", ONE.sections, is_optional=True)
    monkeypatch.setattr(command, "all_documents", lambda: [ONE, filled])
    runner.invoke(main, ["diagrams"])
    monkeypatch.setattr(command, "all_documents", lambda: [ONE, without])
    checked = runner.invoke(main, ["diagrams", "--check"])
    assert (checked.exit_code, "stale  diagrams/two.md" in checked.output) == (1, True)
    assert runner.invoke(main, ["diagrams"]).output == "removed  diagrams/two.md\n"
    assert not Path("diagrams/two.md").exists()
    assert runner.invoke(main, ["diagrams"]).output == "diagrams: the one file is up to date.\n"
