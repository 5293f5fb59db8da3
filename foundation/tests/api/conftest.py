"""The API on real servers."""

import pytest
from chalice.test import Client

from tests.support.requests import Api


@pytest.fixture
def http(api: Client) -> Api:
    """Calls the routes."""
    return Api(api)
