"""Both event buses, for what each of them promises."""

from collections.abc import Iterator

import pytest

from chalicelib.infrastructure.bootstrap import Container
from chalicelib.infrastructure.cqrs.buses.memory import MemoryBus
from chalicelib.infrastructure.cqrs.buses.port import EventBus


@pytest.fixture(params=["base", "rabbitmq"])
def bus(request: pytest.FixtureRequest) -> Iterator[EventBus]:
    """The bus that EVENT_BUS_TYPE chooses."""
    chosen: EventBus
    if request.param == "base":
        chosen = MemoryBus()
    else:
        service: Container = request.getfixturevalue("service")
        chosen = service.bus
    yield chosen
    chosen.close()
