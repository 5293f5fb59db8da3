"""The long runs that `make test` leaves out can at least begin."""

import subprocess

import pytest

from tests.support.places import ROOT

PROGRAMS = ("soak", "test-clusters", "simulate", "model", "release")

LINE_ENDS = "\\\n "


@pytest.mark.parametrize("target", PROGRAMS)
def test_the_program_of_a_target_finds_all_that_it_imports(target: str) -> None:
    dry_run = ("make", "--dry-run", "--old-file", ".venv/.installed", target)
    recipe = subprocess.run(dry_run, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    command = ("sh", "-c", f"{recipe.rstrip(LINE_ENDS)} --help")
    program = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert program.returncode == 0, program.stderr
    assert "--help" in program.stdout
