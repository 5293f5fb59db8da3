"""Work is repeated while others are faster, in bounds."""

import pytest

from carafe.domain.errors import RuleBroken, StaleVersion
from carafe.infrastructure.database import retries
from carafe.infrastructure.database.retries import MOST_ATTEMPTS, repeated_on_stale


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "LONGEST_PAUSE_SECONDS", 0)


class Work:
    """Fails with an error so many times, then succeeds."""

    def __init__(self, error: Exception, times: int) -> None:
        self.error = error
        self.times = times
        self.attempts = 0

    def __call__(self) -> str:
        self.attempts += 1
        if self.attempts <= self.times:
            raise self.error
        return "done"


@pytest.mark.parametrize("times", [0, 1, MOST_ATTEMPTS - 1])
def test_work_is_repeated_until_nobody_was_faster(times: int) -> None:
    work = Work(StaleVersion("somebody was faster"), times)
    assert repeated_on_stale(work) == "done"
    assert work.attempts == times + 1


def test_who_is_never_fast_enough_is_told() -> None:
    work = Work(StaleVersion("somebody was faster"), MOST_ATTEMPTS)
    with pytest.raises(StaleVersion):
        repeated_on_stale(work)
    assert work.attempts == MOST_ATTEMPTS


def test_another_refusal_is_final() -> None:
    work = Work(RuleBroken("an order that was shipped cannot be cancelled"), 1)
    with pytest.raises(RuleBroken):
        repeated_on_stale(work)
    assert work.attempts == 1
