"""Real servers for every test that asks for them; the service is the one beside this house."""

from collections.abc import Mapping

import pytest

from tests.support.callers import CUSTOMER

pytest_plugins = ["carafe.testing.plugin", "tests.support.command_check", "pytester"]


@pytest.fixture
def caller() -> Mapping[str, str]:
    """Who calls the API where a test names nobody else: a customer."""
    return CUSTOMER
