"""Both event buses, for what each of them promises."""

from collections.abc import Iterator
from typing import Any

import pytest

from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.memory import MemoryBus
from carafe.infrastructure.event_bus.port import EventBus


@pytest.fixture(params=["base", "rabbitmq"])
def bus(request: pytest.FixtureRequest) -> Iterator[EventBus]:
    """The bus that EVENT_BUS_TYPE chooses."""
    chosen: EventBus
    if request.param == "base":
        chosen = MemoryBus()
    else:
        service: Container[Any] = request.getfixturevalue("service")
        chosen = service.bus
    yield chosen
    chosen.close()
