"""A lazy proxy creates its object on first use, and only once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from carafe.infrastructure.lazy_proxy import LazyProxy


class Calendar:
    """The object to create."""

    def today(self) -> str:
        return "monday"


class Factory:
    """Creates calendars; raises the errors first, one per call."""

    def __init__(self, *errors: Exception) -> None:
        self.calls = 0
        self._errors = list(errors)

    def __call__(self) -> Calendar:
        self.calls += 1
        if self._errors:
            raise self._errors.pop(0)
        return Calendar()


def test_the_object_is_created_once_on_first_use() -> None:
    factory = Factory()
    calendar = LazyProxy(factory)
    assert factory.calls == 0
    assert [calendar.today(), calendar.today()] == ["monday", "monday"]
    assert factory.calls == 1


def test_threads_share_one_object() -> None:
    factory = Factory()
    all_started = threading.Barrier(4)

    def make() -> Calendar:
        time.sleep(0.02)
        return factory()

    calendar = LazyProxy(make)

    def ask(_: int) -> object:
        all_started.wait(5)
        return calendar.today()

    with ThreadPoolExecutor(4) as executor:
        assert list(executor.map(ask, range(4))) == ["monday"] * 4
    assert factory.calls == 1


def test_a_failed_creation_is_tried_again() -> None:
    factory = Factory(TimeoutError("not yet"))
    calendar = LazyProxy(factory)
    with pytest.raises(TimeoutError):
        calendar.today()
    assert calendar.today() == "monday"


def test_an_attribute_error_during_creation_is_passed_on() -> None:
    factory = Factory(AttributeError("no such setting"))
    with pytest.raises(AttributeError, match="no such setting"):
        LazyProxy(factory).today()
    assert factory.calls == 1


def test_a_missing_attribute_of_the_object_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="tomorrow"):
        LazyProxy(Calendar).tomorrow()
