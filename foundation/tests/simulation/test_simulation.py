"""A short part of the simulation: runs that keep all promises, and bugs that they find."""

import logging
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from simulation.__main__ import played_chunk
from simulation.chance import Fault
from simulation.plants import PLANTS, Plant
from simulation.run import played
from simulation.shrinking import promise_of, shrunk
from tests.support.places import FOUNDATION

SEEDS = 300
FOUND_SOON = ["removal", "majority-writes", "hold-back", "too-early", "nack"]


@pytest.fixture(autouse=True)
def _logs_for_the_tests_that_follow() -> Iterator[None]:
    """Let others log again: many runs are played in silence."""
    yield
    logging.disable(logging.NOTSET)


def test_no_run_breaks_a_promise() -> None:
    figures, failed = played_chunk(range(SEEDS))
    assert failed is None
    assert figures["kills"] > SEEDS
    assert figures["faults"] > 10 * SEEDS


def test_a_run_asks_for_no_real_server(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def addresses_of(host: object, *_: object, **_more: object) -> list[object]:
        asked.append(host)
        return []

    monkeypatch.setattr(socket, "getaddrinfo", addresses_of)
    for seed in range(10):
        played(seed)
    assert asked == []


def test_a_seed_is_always_the_same_run() -> None:
    runs = [played(11, is_told=True) for _ in range(2)]
    assert runs[0].story == runs[1].story
    assert runs[0].faults == runs[1].faults


def test_the_faults_of_a_run_given_again_are_the_same_run() -> None:
    drawn = played(11, is_told=True)
    given = played(11, drawn.wishes, drawn.faults, is_told=True)
    assert given.story == drawn.story


def test_without_faults_each_command_is_answered_once() -> None:
    run = played(3, faults={}, is_told=True)
    assert run.broken == []
    assert sum("hears that" in each for each in run.story) == len(run.wishes)


def test_a_fault_happens_where_it_is_given() -> None:
    run = played(3, faults={3: Fault("killed after", 0.5)}, is_told=True)
    assert run.kills == 1
    assert run.broken == []


@pytest.mark.parametrize("name", FOUND_SOON)
def test_a_bug_is_found_and_told(name: str) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "simulation", "--plant", name],
        cwd=FOUNDATION,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 1, result.stderr
    assert "breaks a promise" in result.stdout
    assert "   1. " in result.stdout


@pytest.mark.parametrize("plant", PLANTS, ids=lambda each: each.name)
def test_each_bug_can_still_be_planted(plant: Plant) -> None:
    assert plant.text in (FOUNDATION / "carafe" / plant.file).read_text(encoding="utf-8")


def test_a_run_that_breaks_nothing_breaks_no_promise() -> None:
    assert promise_of(played(3)) == ""
    assert shrunk(played(3)).broken == []
