"""Fails a file of tests that leaves its process changed, which tests of other files would meet."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from carafe.development import environment_file

from .places import ROOT

# pytest names the current test in the one; Chalice sets the other as soon as it is imported.
KNOWN = {"PYTEST_CURRENT_TEST", "AWS_EXECUTION_ENV"}

# Filled in for the whole process when the service is wired, where the process lacks it.
OF_CHECKOUT = environment_file.read(ROOT / ".env")


@pytest.fixture(autouse=True, scope="module")
def _unchanged_process() -> Iterator[None]:
    """Compare what was before a file's first test with what is after its last one."""
    before = _state()
    yield
    after = _state()
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert not changed, f"left changed: {', '.join(sorted(changed))}"


def _state() -> dict[str, str]:
    """Return what tests may change of the process: variables, working directory, logging."""
    variables = {name: value for name, value in os.environ.items() if name not in KNOWN}
    return {
        **OF_CHECKOUT,
        **variables,
        "the working directory": str(Path.cwd()),
        "the root logger's level": str(logging.root.level),
        "what logging leaves out": str(logging.root.manager.disable),
    }
