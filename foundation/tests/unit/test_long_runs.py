"""The long runs that `make test` leaves out can at least begin."""

import pytest

from tests.support.commands import output_of
from tests.support.places import ROOT

PROGRAMS = ("soak", "test-clusters", "simulate", "model", "release")

LINE_ENDS = "\\\n "


@pytest.mark.parametrize("target", PROGRAMS)
def test_the_program_of_a_target_finds_all_that_it_imports(target: str) -> None:
    # The environment is a person's: a make that runs these tests would have its own lines printed,
    # and `--help` would follow them instead of the program.
    recipe = output_of(ROOT, "make", "--dry-run", "--old-file", ".venv/.installed", target)
    command = f"{recipe.rstrip(LINE_ENDS)} --help"
    assert "--help" in output_of(ROOT, "sh", "-c", command)
