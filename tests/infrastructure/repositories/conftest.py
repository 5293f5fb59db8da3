"""One suite over every store that fills the port `Repository`."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.infrastructure.database.memory import memory_repository
from chalicelib.infrastructure.database.repository import Repository
from tests.support.stores import Store, in_memory, in_mongo

MEMORY = str(Path(memory_repository.__file__).parent)
TraceFunction = Callable[[FrameType, str, object], Any]


@pytest.fixture(params=["memory", "mongo"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        return in_memory()
    return in_mongo(request.getfixturevalue("service"))


@pytest.fixture
def orders(store: Store) -> Repository[Order]:
    return store.orders


@pytest.fixture
def products(store: Store) -> Repository[Product]:
    return store.products


@pytest.fixture
def taking_turns() -> Iterator[None]:
    """Let another thread on at every line of the memory repositories, so that races show."""

    def give_way(frame: FrameType, _event: str, _argument: object) -> TraceFunction | None:
        if not frame.f_code.co_filename.startswith(MEMORY):
            return None
        time.sleep(0)  # not to wait, but to let go of the interpreter's lock
        return give_way

    usual = threading.gettrace()
    threading.settrace(give_way)
    yield
    threading.settrace(usual)
