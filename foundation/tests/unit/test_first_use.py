"""An adapter is made when it is used for the first time, and once."""

import pytest

from carafe.infrastructure.first_use import FirstUse


class Calendar:
    """Something to be made."""

    def today(self) -> str:
        return "monday"


def test_it_is_made_once_and_not_before() -> None:
    made: list[Calendar] = []

    def make() -> Calendar:
        made.append(Calendar())
        return made[-1]

    calendar = FirstUse(make)
    assert made == []
    assert [calendar.today(), calendar.today()] == ["monday", "monday"]
    assert len(made) == 1


def test_a_mistake_in_its_making_is_told_as_it_is_and_made_once_a_use() -> None:
    calls = 0

    def make() -> Calendar:
        nonlocal calls
        calls += 1
        raise AttributeError("no such setting")

    with pytest.raises(AttributeError, match="no such setting"):
        FirstUse(make).today()
    assert calls == 1


def test_what_an_object_lacks_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="tomorrow"):
        FirstUse(Calendar).tomorrow()
