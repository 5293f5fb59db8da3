"""A test of the tests: without each safeguard, at least one of them fails.

Each safeguard is switched off in a copy of both houses, and the tests that guard it are run there
on the same servers, by `make test-safeguards`: more than ten minutes. A safeguard whose text has
changed in the package must be changed in `tests/support/safeguards` too, which every run checks.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from carafe.development.servers.stack import Stack
from tests.support.checkout import IGNORED
from tests.support.places import FOUNDATION
from tests.support.safeguards import SAFEGUARDS, Safeguard
from tests.support.service_copy import ServiceCopy

TESTS_FAILED = 1  # pytest's exit code
NOT_RUN = -1
AT_ONCE = 2

whole = pytest.mark.skipif("WHOLE" not in os.environ, reason="WHOLE=1: ten minutes")
by_name = pytest.mark.parametrize("safeguard", SAFEGUARDS, ids=lambda each: each.name)

Outcome = tuple[int, str]
"""Exit code and output."""


@pytest.fixture(scope="module")
def outcomes(
    stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Outcome]]:
    """The outcome of each safeguard's tests, in a copy without it."""
    environment = environment_with(stack)

    def outcome(safeguard: Safeguard) -> Outcome:
        return outcome_without(safeguard, tmp_path_factory.mktemp("without"), environment)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        results = pool.map(outcome, SAFEGUARDS)
        yield dict(zip((each.name for each in SAFEGUARDS), results, strict=True))


def environment_with(stack: Stack) -> dict[str, str]:
    """Return this process's environment, with servers to lend to a pytest of its own."""
    return {**os.environ, "TEST_SERVERS": json.dumps(stack.environment)}


def outcome_without(safeguard: Safeguard, folder: Path, environment: Mapping[str, str]) -> Outcome:
    """Run the tests of a safeguard in a copy that lacks it."""
    copy = both_houses(folder)
    try:
        copy.replace(f"foundation/carafe/{safeguard.file}", safeguard.text, safeguard.without)
    except (AssertionError, FileNotFoundError) as error:
        return NOT_RUN, str(error)  # and only this safeguard's test fails
    return run_there(folder, safeguard.guarded_by, environment)


def both_houses(folder: Path) -> ServiceCopy:
    """Copy the service, and beside it the foundation with its tests."""
    copy = ServiceCopy(folder)
    shutil.copytree(FOUNDATION, folder / "foundation", ignore=IGNORED)
    return copy


def run_there(folder: Path, tests: str, environment: Mapping[str, str]) -> Outcome:
    """Run tests of a copy on the copy, whose path hides the installed foundation."""
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", *tests.split()],
        cwd=folder / "foundation",
        env={**environment, "PYTHONPATH": str(folder / "foundation")},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    return result.returncode, result.stdout[-3_000:] + result.stderr[-1_000:]


@by_name
def test_it_is_in_the_package_and_its_tests_are_there(safeguard: Safeguard) -> None:
    assert safeguard.text in (FOUNDATION / "carafe" / safeguard.file).read_text(encoding="utf-8")
    for word in safeguard.guarded_by.split():
        if word.startswith("tests/"):
            assert (FOUNDATION / word.partition("::")[0]).exists(), word


@whole
def test_in_an_untouched_copy_no_test_fails(stack: Stack, tmp_path: Path) -> None:
    """What fails in the others fails for the lack of a safeguard, and not for being a copy."""
    both_houses(tmp_path)
    tests = "tests/unit/test_confirms.py tests/infrastructure/test_relay.py"
    code, output = run_there(tmp_path, tests, environment_with(stack))
    assert code == 0, output


@whole
@by_name
def test_without_it_a_test_fails(outcomes: Mapping[str, Outcome], safeguard: Safeguard) -> None:
    code, output = outcomes[safeguard.name]
    assert (code, "FAILED tests/" in output) == (TESTS_FAILED, True), output
