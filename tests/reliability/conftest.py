"""What tests of reliability share: the fixtures of payments."""

from collections.abc import Callable

import pytest
from carafe.infrastructure.container import Container

from chalicelib.domain.order import Order
from chalicelib.infrastructure.settings import Settings


@pytest.fixture
def stored(service: Container[Settings]) -> Callable[[str], Order]:
    """Return an order as it is stored now."""
    return service.repository(Order).get
