"""A checkout of its own for each test."""

import shutil
from pathlib import Path

import pytest

from tests.support.checkout import IGNORED
from tests.support.places import ROOT


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project, with no state of its own."""
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT, copy, ignore=IGNORED)
    return copy
