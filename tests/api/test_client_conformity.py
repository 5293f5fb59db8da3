"""The client says what the server and its OpenAPI document say."""

from collections.abc import Mapping

import pytest
from carafe.testing.suites import ClientTests

from chalicelib.contracts.client import OrderingClient
from tests.support.callers import EVERYTHING


class TestOrderingClient(ClientTests):
    """Every method of the client."""

    client = OrderingClient

    @pytest.fixture
    def caller(self) -> Mapping[str, str]:
        """Who may do everything."""
        return EVERYTHING
