"""Suites of `carafe.testing`, run over what breaks a promise."""

import re
from collections.abc import Iterable, Sequence

import pytest


def failing_tests(
    pytester: pytest.Pytester, code: str, finders: Sequence[str]
) -> dict[str, list[str]]:
    """Run those tests of a suite that should find a fault.

    Args:
        pytester: runs them in this process.
        code: the test file.
        finders: parts of their names.

    Returns:
        Those that failed, by the part of their names.
    """
    pytester.makepyfile(test_suite=code)
    chosen = " or ".join(finders)
    result = pytester.runpytest_inprocess("-p", "carafe.testing.plugin", "-q", "-k", chosen)
    return failures(result.outlines, finders)


def failures(lines: Iterable[str], finders: Sequence[str]) -> dict[str, list[str]]:
    """Return the tests that failed, by a part of their names."""
    failed = [match[1] for line in lines if (match := re.match(r"FAILED \S+::(\S+)", line))]
    return {finder: [each for each in failed if finder in each] for finder in finders}
