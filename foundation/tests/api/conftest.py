"""The operations of the API, on an order of their own."""

import pytest

from carafe.testing.http import Api
from tests.support.operations import Operations, operations_on_an_order


@pytest.fixture
def operations(http: Api) -> Operations:
    """Calls the operations on one order and its product."""
    return operations_on_an_order(http)
