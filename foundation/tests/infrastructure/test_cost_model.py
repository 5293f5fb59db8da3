"""The model of costs counts the round trips that the code makes, on a real database."""

from collections.abc import Iterator
from typing import Any

import pytest

from carafe.development.cost.model import WORK, Work
from carafe.infrastructure.container import Container
from carafe.testing.contexts import a_context
from chalicelib.domain.order import Order
from tests.support.orders import an_order
from tests.support.outboxes import in_seconds

READS = {"query", "getmore"}
WRITES = {"insert", "update", "remove"}


class Operations:
    """What the database's own profiler saw of a collection.

    Args:
        service: whose database it is.
    """

    def __init__(self, service: Container[Any]) -> None:
        self._database = service.database
        self._name = f"{service.database.name}.orders"

    def taken(self) -> tuple[int, int]:
        """Return how many reads and writes there were, and forget them."""
        self._database.command("profile", 0)
        seen = [each["op"] for each in self._database["system.profile"].find({"ns": self._name})]
        self._database["system.profile"].drop()
        self._database.command("profile", 2)
        return sum(each in READS for each in seen), sum(each in WRITES for each in seen)


@pytest.fixture
def operations(service: Container[Any]) -> Iterator[Operations]:
    seen = Operations(service)
    service.repository(Order)  # what is made on first use
    seen.taken()
    yield seen
    service.database.command("profile", 0)


def work_of(function: str) -> Work:
    return next(each for each in WORK if each.name == function)


def test_the_model_counts_the_round_trips_of_a_command_and_its_event(
    service: Container[Any], operations: Operations
) -> None:
    order = an_order("maria")
    service.repository(Order).add(order, a_context())
    api, bridge = work_of("api"), work_of("bridge")
    assert operations.taken() == (api.reads, api.writes)
    service.relay.relay({"orders": [order.id]}, in_seconds(30))
    assert operations.taken() == (bridge.reads, bridge.writes)
