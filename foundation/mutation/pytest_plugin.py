"""A plugin of pytest, for tests that mutmut runs."""

import os
import sys

import pytest

# Tests import from the copy itself, never through mutmut's link to it.
sys.path[:] = [os.path.realpath(each) if each else each for each in sys.path]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of a class together: mutmut's order, the fastest first, mixes them.

    Else what a class needs, such as a database, would be made for nearly every test.
    """
    groups: dict[str, list[pytest.Item]] = {}
    for each in items:
        groups.setdefault(each.parent.nodeid if each.parent else "", []).append(each)
    items[:] = [each for group in groups.values() for each in group]
