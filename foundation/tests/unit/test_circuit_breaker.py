"""The circuit breaker, on a clock of the tests."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from carafe.client.breaker import CircuitBreaker, State
from tests.support.seconds_clock import SecondsClock


@pytest.fixture
def clock() -> SecondsClock:
    return SecondsClock()


@pytest.fixture
def breaker(clock: SecondsClock) -> CircuitBreaker:
    return CircuitBreaker(failure_threshold=3, open_seconds=10, clock=clock)


def opened(breaker: CircuitBreaker) -> CircuitBreaker:
    for _ in range(3):
        assert breaker.allow_call()
        breaker.record_failure()
    return breaker


def test_failures_in_a_row_open_it(breaker: CircuitBreaker) -> None:
    for _ in range(2):
        breaker.record_failure()
    assert (breaker.state, breaker.allow_call()) == (State.CLOSED, True)
    breaker.record_failure()
    assert (breaker.state, breaker.allow_call()) == (State.OPEN, False)


def test_a_success_between_failures_keeps_it_closed(breaker: CircuitBreaker) -> None:
    for _ in range(2):
        breaker.record_failure()
    breaker.record_success()
    for _ in range(2):
        breaker.record_failure()
    assert breaker.state is State.CLOSED


def test_after_its_time_it_lets_one_trial_through(
    breaker: CircuitBreaker, clock: SecondsClock
) -> None:
    opened(breaker)
    clock.now += 9.99
    assert not breaker.allow_call()
    clock.now += 0.01
    assert breaker.state is State.HALF_OPEN
    assert [breaker.allow_call() for _ in range(3)] == [True, False, False]


def test_of_many_threads_one_is_the_trial(breaker: CircuitBreaker, clock: SecondsClock) -> None:
    opened(breaker)
    clock.now += 10
    together = threading.Barrier(8)

    def ask(_: int) -> bool:
        together.wait()
        return breaker.allow_call()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 1


def test_a_trial_that_succeeds_closes_it(breaker: CircuitBreaker, clock: SecondsClock) -> None:
    opened(breaker)
    clock.now += 10
    assert breaker.allow_call()
    breaker.record_success()
    assert breaker.state is State.CLOSED
    assert breaker.allow_call()
    assert breaker.allow_call()


def test_a_trial_that_fails_opens_it_for_the_whole_time(
    breaker: CircuitBreaker, clock: SecondsClock
) -> None:
    opened(breaker)
    clock.now += 10
    assert breaker.allow_call()
    clock.now += 5
    breaker.record_failure()
    clock.now += 9
    assert not breaker.allow_call()
    clock.now += 1
    assert breaker.allow_call()


def test_a_trial_that_is_never_reported_makes_way_for_another(
    breaker: CircuitBreaker, clock: SecondsClock
) -> None:
    opened(breaker)
    clock.now += 10
    assert breaker.allow_call()
    clock.now += 10
    assert breaker.allow_call()
