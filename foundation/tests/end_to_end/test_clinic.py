"""A clinic with its rules: what its model says, and the little that is written by hand.

No overlap of a practitioner's appointments, no cancellation in the last 24 hours, expiry after 48,
a reminder, release when the patient's share is not to be had, a question to the insurance, and each
patient their own. `make test-clinic` (WHOLE=1) also checks its style and its types, and verifies
every phase with all of its tests.
"""

import os
import shutil
from collections.abc import Iterator

import pytest

from carafe.development.phases import PHASES
from carafe.development.servers.stack import Stack
from tests.support.places import FOUNDATION
from tests.support.second_day.clinic import Clinic
from tests.support.tutorial import Block, blocks_of, write

FOLDER = FOUNDATION / "tests/data/clinic"

BY_HAND = list(blocks_of((FOLDER / "by-hand.md").read_text(encoding="utf-8")))

whole = pytest.mark.skipif("WHOLE" not in os.environ, reason="WHOLE=1: minutes")


@pytest.fixture(scope="module")
def clinic(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    """The clinic's service, as its team would commit it."""
    service = Clinic.new(tmp_path_factory.mktemp("clinic") / "clinic", stack.environment)
    shutil.copy2(FOLDER / "model.yaml", service.folder)
    service.run("carafe", "discover")
    assert "warning" not in service.run("carafe", "scaffold")
    for block in BY_HAND:
        write(block, service.folder)
    service.run("carafe", "diagrams")
    service.run("carafe", "contracts", "release")
    service.commit()
    return service


def test_little_is_written_by_hand() -> None:
    assert len([line for block in BY_HAND for line in written(block)]) < 150
    assert len({block.title for block in BY_HAND}) < 8


def written(block: Block) -> Iterator[str]:
    """Yield the lines of a block that are not there without it."""
    for line in block.text.splitlines():
        if block.language != "diff" or line.startswith("+"):
            yield line


@whole
def test_its_style_and_its_types_are_right(clinic: Clinic) -> None:
    clinic.require_clean_code()
    clinic.run("ruff", "format", "--check", ".")
    clinic.run("carafe", "diagrams", "--check")


def test_scaffolding_again_leaves_what_was_written(clinic: Clinic) -> None:
    output = clinic.run("carafe", "scaffold")
    assert not any(word in output for word in ("extended", "wrote", "left"))
    assert clinic.status() == ""


def test_its_unit_tests_pass(clinic: Clinic) -> None:
    clinic.run("pytest", "-q", "tests/unit")


@whole
def test_every_phase_has_what_it_needs_with_every_test(clinic: Clinic) -> None:
    clinic.run("carafe", "contracts", "check")
    clinic.on_database("-m", "carafe", "database", "apply")
    assert "Nothing differs." in clinic.on_database("-m", "carafe", "database", "plan")
    clinic.on_database("-m", "carafe", "bus", "declare")
    for phase in PHASES:
        clinic.on_database("-m", "carafe", "verify", phase.number)
