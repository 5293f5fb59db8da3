"""What is written about the seven phases is what the command does."""

import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from carafe.development.checklist import steps_of
from carafe.development.cli import main
from carafe.development.new.files import render, write
from carafe.development.new.identity import Identity
from carafe.development.pages.command import FOLDER, OTHERS, page_of
from carafe.development.phases import PHASES, Phase
from carafe.development.verify.command import needs_of
from tests.support.command_runner import CommandRunner

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_a_page_lists_exactly_what_its_phase_needs(phase: Phase) -> None:
    text = page_of(phase).read_text()
    assert text.startswith(f"# {phase}\n")
    listed = text.partition("## Done when\n\n")[2].partition("\n\n")[0].splitlines()
    skipped = {True: " (`--offline` skips it)", False: ""}
    assert listed == [f"- {each.text}{skipped[each.live]}" for each in needs_of(phase)]


@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_a_page_is_printed_wherever_somebody_is(
    phase: Phase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = CommandRunner().invoke(main, ["page", phase.number])
    assert (printed.exit_code, printed.output) == (0, page_of(phase).read_text())


PAGES = [each for each in sorted(FOLDER.glob("*.md")) if each.stem != "testing"]


@pytest.mark.parametrize("page", PAGES, ids=[each.stem for each in PAGES])
def test_a_page_names_commands_that_there_are(page: Path) -> None:
    called = re.findall(r"(?:\$ |`|/)carafe ([^`#\n]+)", page.read_text())
    assert called
    assert [each for each in called if not _is_there(each.split())] == []


@pytest.mark.parametrize("name", OTHERS)
def test_a_page_beside_the_phases_is_printed_by_its_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    printed = CommandRunner().invoke(main, ["page", name])
    assert (printed.exit_code, printed.output) == (0, (FOLDER / f"{name}.md").read_text())


def test_in_a_service_a_page_speaks_of_that_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(render(Identity("City Library", "library")), tmp_path)
    monkeypatch.chdir(tmp_path / "chalicelib")
    printed = CommandRunner().invoke(main, ["page", "operations"]).output
    assert "`library-STAGE-bridge`" in printed
    assert "`library_client`" in printed
    assert not re.search(r"SERVICE(?!_NAME)", printed)


def _is_there(words: list[str]) -> bool:
    """Tell whether the command line knows a command with its options."""
    command: click.Command = main
    while isinstance(command, click.Group) and words:
        found = command.commands.get(words.pop(0))
        if found is None:
            return False
        command = found
    options = {option for each in command.params for option in each.opts}
    return {word for word in words if word.startswith("--")} <= options


def test_the_checklist_of_the_sample_has_the_seven_steps() -> None:
    content = (ROOT / "memory-bank/progress.md").read_bytes()
    assert [step.phase for step in steps_of(content)] == list(PHASES)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("carafe prog", "plain,progress"),
        ("carafe progress ", "plain,complete"),
        ("carafe progress complete 05", "plain,05"),
        ("carafe page 02", "plain,02"),
        ("carafe diagrams --ch", "plain,--check"),
    ],
)
def test_a_shell_completes(words: str, offered: str) -> None:
    asked = {
        "_CARAFE_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "carafe"],
        cwd=ROOT,
        env={**os.environ, **asked},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [offered]
