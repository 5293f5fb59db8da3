"""Whoever asks whether the service is ready, the database is asked once in a few seconds."""

import threading
from collections.abc import Callable

import pytest

from carafe.api.readiness import FRESH_SECONDS, Readiness
from carafe.infrastructure.errors import StoreUnavailable


class Database:
    """Counts questions; fails while it is away."""

    def __init__(self) -> None:
        self.questions = 0
        self.is_away = False

    def ask(self) -> None:
        self.questions += 1
        if self.is_away:
            raise StoreUnavailable("The database did not answer in time; try again.")


def test_an_answer_is_repeated_for_a_few_seconds() -> None:
    database, now = Database(), [0.0]
    readiness = Readiness(database.ask, lambda: now[0])
    for now[0] in (0.0, 1.0, FRESH_SECONDS - 0.1):
        readiness.require()
    assert database.questions == 1
    now[0] = FRESH_SECONDS
    readiness.require()
    assert database.questions == 2


def test_a_failure_is_repeated_for_a_few_seconds_and_then_forgotten() -> None:
    database, now = Database(), [0.0]
    readiness = Readiness(database.ask, lambda: now[0])
    database.is_away = True
    for now[0] in (0.0, 1.0):
        with pytest.raises(StoreUnavailable):
            readiness.require()
    assert database.questions == 1
    database.is_away = False
    now[0] = FRESH_SECONDS
    readiness.require()


def test_one_question_is_asked_at_a_time() -> None:
    begun, answer = threading.Event(), threading.Event()
    questions: list[int] = []

    def ask() -> None:
        questions.append(1)
        begun.set()
        assert answer.wait(10)

    readiness = Readiness(ask)
    callers = [threading.Thread(target=readiness.require) for _ in range(8)]
    run(callers[0].start, begun)
    for each in callers[1:]:
        each.start()
    answer.set()
    for each in callers:
        each.join(10)
    assert len(questions) == 1


def run(start: Callable[[], None], until: threading.Event) -> None:
    """Start something, and wait for what it says."""
    start()
    assert until.wait(10)
