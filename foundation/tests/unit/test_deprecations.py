"""What the foundation announces is shown by a service's tests, and does not fail them."""

import tomllib

import pytest

from carafe.development.new.files import render
from carafe.development.new.identity import Identity

PROJECT = tomllib.loads(render(Identity("Lending Desk", "lending"))["pyproject.toml"])
FILTERS = PROJECT["tool"]["pytest"]["ini_options"]["filterwarnings"]

TEST = """
import warnings

def test_it():
    warnings.warn("{message}", DeprecationWarning, stacklevel=1)
"""


@pytest.fixture
def service(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder whose pytest heeds warnings as a new service's does."""
    filters = "".join(f"\n    {each}" for each in FILTERS)
    pytester.makeini(f"[pytest]\nfilterwarnings ={filters}")
    return pytester


def test_an_announcement_is_shown(service: pytest.Pytester) -> None:
    service.makepyfile(TEST.format(message="carafe: lend() goes with 2.0: use borrow()"))
    result = service.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, warnings=1)
    result.stdout.fnmatch_lines("*DeprecationWarning: carafe: lend() goes with 2.0: use borrow()")


def test_any_other_warning_fails(service: pytest.Pytester) -> None:
    service.makepyfile(TEST.format(message="json: dumps() goes"))
    service.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(failed=1)
