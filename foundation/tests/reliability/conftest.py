"""What the tests of reliability share."""

from collections.abc import Iterator
from typing import Any

import pytest

from carafe.infrastructure.container import Container
from tests.support.reconciliation import Reconciliation


@pytest.fixture
def reconciliation(service: Container[Any]) -> Iterator[Reconciliation]:
    """What was committed and what was published, compared."""
    with service.bus.subscribe(["ordering.#"]) as subscription:
        yield Reconciliation(service, subscription)
