"""How late timers call that fall due at a steady rate: with nudges, and by the sweep alone."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from rich.console import Console
from rich.progress import Progress

from chalicelib.infrastructure.repositories.order_repository import OrderRepository

from . import orders
from .relay_bench import PROJECT, RelayBench

TIMERS_A_SECOND = 100
DELAY = timedelta(seconds=5)
PATIENCE_SECONDS = 240.0
POLL_SECONDS = 0.5

EXECUTORS = 2
"""Processes; AWS Lambda would start more."""


@dataclass(frozen=True)
class Lateness:
    """How late timers called, in milliseconds.

    Attributes:
        count: of timers.
        median: of them.
        p99: of them.
        earliest: of them; below zero, one called ahead of its time.
    """

    count: int
    median: float
    p99: float
    earliest: float


def measured_lateness(
    bench: RelayBench, seconds: int, console: Console, *, has_nudges: bool
) -> Lateness:
    """Set timers by the clock, and compare when they were due with when they took effect.

    Args:
        bench: the servers.
        seconds: for which timers are set.
        console: shows the progress.
        has_nudges: whether commits nudge; otherwise every nudge of theirs is lost.
    """
    bench.collection.delete_many({})
    with _functions(bench, ["execute"] * EXECUTORS + ["sweep"]):
        dues = _set_timers(bench, TIMERS_A_SECOND * seconds, console, has_nudges=has_nudges)
        effects = _effects(bench, len(dues), console)
    late = sorted((effects[each] - due).total_seconds() * 1000 for each, due in dues.items())
    cuts = statistics.quantiles(late, n=100)
    return Lateness(len(late), cuts[49], cuts[98], late[0])


@contextmanager
def _functions(bench: RelayBench, names: list[str]) -> Iterator[None]:
    """Run functions, each in a process of its own, as in Lambda."""
    with ExitStack() as stack:
        for name in names:
            child = subprocess.Popen(  # noqa: S603 - our own functions
                [sys.executable, "-m", "carafe.development.functions", name],
                cwd=PROJECT,
                env={**os.environ, **bench.environment},
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(child.wait)
            stack.callback(child.terminate)
            if child.stdout is not None:
                child.stdout.readline()  # printed when it has begun
        yield


def _set_timers(
    bench: RelayBench, count: int, console: Console, *, has_nudges: bool
) -> dict[str, datetime]:
    """Place orders by the clock, each with a timer; return when these are due, by order."""
    container = bench.container

    def nudge(collection: str, identifier: str, due: datetime | None = None, /) -> None:
        if due is not None and has_nudges:
            container.nudge(collection, identifier, due)

    repository = OrderRepository(container.database, container.outbox, nudge, container.cursors)
    dues = {}
    began = time.perf_counter()
    with Progress(console=console) as progress:
        for number in progress.track(range(count), description="setting timers"):
            time.sleep(max(0.0, began + number / TIMERS_A_SECOND - time.perf_counter()))
            order = orders.an_order(number)
            order.expect_payment(DELAY, at=container.clock())
            repository.add(order, orders.a_context())
            dues[order.id] = order.timers[0].due
    return dues


def _effects(bench: RelayBench, count: int, console: Console) -> dict[str, datetime]:
    """Wait until all timers have called; return when each took effect."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with Progress(console=console) as progress:
        task = progress.add_task("timers call", total=count)
        while (left := bench.collection.count_documents({"timers": {"$exists": True}})) > 0:
            progress.update(task, completed=count - left)
            if time.monotonic() > deadline:
                raise RuntimeError(f"{left} timers did not call")
            time.sleep(POLL_SECONDS)
    documents = bench.collection.find({"status": "cancelled"}, {"handled": {"$slice": -1}})
    return {each["_id"]: each["handled"][0]["at"] for each in documents}
