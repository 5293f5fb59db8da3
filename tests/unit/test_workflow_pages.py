"""What is written about the seven phases is what the command does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workflow.checklist import steps_of
from workflow.phases import PHASES, Phase
from workflow.verify.command import needs_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("phase", PHASES, ids=str)
def test_a_page_lists_exactly_what_its_phase_needs(phase: Phase) -> None:
    (page,) = (ROOT / "docs/workflow").glob(f"{phase.number}-*.md")
    text = page.read_text()
    assert text.startswith(f"# {phase}\n")
    listed = text.partition("## Done when\n\n")[2].partition("\n\n")[0].splitlines()
    skipped = {True: " (`--offline` skips it)", False: ""}
    assert listed == [f"- {each.text}{skipped[each.live]}" for each in needs_of(phase)]


def test_the_checklist_of_the_sample_has_the_seven_steps() -> None:
    content = (ROOT / "memory-bank/progress.md").read_bytes()
    assert [step.phase for step in steps_of(content)] == list(PHASES)


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("workflow prog", "plain,progress"),
        ("workflow progress ", "plain,complete"),
        ("workflow progress complete 05", "plain,05"),
        ("workflow diagrams --ch", "plain,--check"),
    ],
)
def test_a_shell_completes(words: str, offered: str) -> None:
    asked = {
        "_WORKFLOW_COMPLETE": "bash_complete",
        "COMP_WORDS": words,
        "COMP_CWORD": str(len(words.split(" ")) - 1),
    }
    done = subprocess.run(
        [sys.executable, "-m", "workflow"],
        cwd=ROOT,
        env={**os.environ, **asked},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == [offered]
