"""What the sweep costs beside many timers that are far, and how a backlog of due ones drains."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import encode
from bson.raw_bson import RawBSONDocument
from msgspec import structs

from carafe.infrastructure.container import Container
from carafe.infrastructure.timers.nudges import Delayed, TimerNudges
from carafe.infrastructure.timers.sweep import TimerSweep
from chalicelib.infrastructure.bootstrap import service
from chalicelib.infrastructure.settings import Settings

from . import many_orders, orders
from .service import no_nudge
from .timer_callers import PLENTY_SECONDS, calling

BATCH = 5_000
FAR = timedelta(days=365)
OVERDUE = timedelta(hours=1)


@dataclass(frozen=True)
class Drain:
    """How a backlog of due timers drained.

    Attributes:
        count: of timers.
        seconds: that it took.
        growth_megabytes: of the memory of the process that grew most.
        is_in_order: whether the sweep nudged by due time.
    """

    count: int
    seconds: float
    growth_megabytes: float
    is_in_order: bool

    @property
    def per_second(self) -> float:
        """Timers called a second."""
        return self.count / self.seconds


class KeptNudges(TimerNudges):
    """Keeps nudges instead of sending them."""

    def __init__(self) -> None:
        self.nudges: list[Delayed] = []

    def send(self, nudges: Sequence[Delayed]) -> list[Delayed]:
        """Keep nudges."""
        self.nudges += nudges
        return list(nudges)


def beside(container: Container[Settings], database: str) -> Container[Settings]:
    """Return the service on another database of the same server; it nudges nobody."""
    settings = structs.replace(container.settings, mongo_database=database)
    wired = service.wired(settings)
    wired.nudge = no_nudge  # type: ignore[method-assign]
    wired.prepare_database()
    return wired


def fill(
    container: Container[Settings],
    count: int,
    due: Callable[[int], datetime],
    progress: Callable[[int], object],
) -> None:
    """Store orders with a timer each.

    Args:
        container: where.
        count: of orders.
        due: returns when the timer of an order is due, by the order's number.
        progress: called with how many were stored.
    """
    collection = container.database["orders"]
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        documents = many_orders.relayed_orders(start, len(numbers))
        timed = [
            RawBSONDocument(encode(document | _timer_fields(due(number))))
            for number, document in zip(numbers, documents, strict=True)
        ]
        collection.insert_many(timed, ordered=False)
        progress(len(numbers))


def seconds_of_sweep(container: Container[Settings]) -> float:
    """Return how long a sweep takes that finds nothing to nudge."""
    sweep = TimerSweep(container.timer_stores, KeptNudges(), container.clock)
    began = time.perf_counter()
    swept = sweep.sweep(time.monotonic() + PLENTY_SECONDS)
    seconds = time.perf_counter() - began
    if swept.nudged:
        raise RuntimeError("a far timer was nudged")
    return seconds


def drained(
    container: Container[Settings], processes: int, progress: Callable[[int], object]
) -> Drain:
    """Drain a backlog: sweep, call what it nudged, and so on.

    Args:
        container: where the timers are.
        processes: how many call them, side by side.
        progress: called with how many were called.
    """
    kept = KeptNudges()
    sweep = TimerSweep(container.timer_stores, kept, container.clock)
    count, seconds = 0, 0.0
    first_memory: dict[int, int] = {}
    last_memory: dict[int, int] = {}
    is_in_order, last = True, datetime.min.replace(tzinfo=orders.NOON.tzinfo)
    with calling(container.settings, processes) as call:
        while True:
            began = time.perf_counter()
            swept = sweep.sweep(time.monotonic() + PLENTY_SECONDS)
            if not swept.nudged:
                break
            first = container.database["orders"].find_one({"_id": kept.nudges[0].ids[0]})
            due = first["next_due"] if first else last
            is_in_order, last = is_in_order and due >= last, due
            for memory in call(kept.nudges):
                first_memory.setdefault(memory.process, memory.megabytes)
                last_memory[memory.process] = memory.megabytes
            seconds += time.perf_counter() - began
            kept.nudges.clear()
            count += swept.nudged
            progress(swept.nudged)
    growth = max(last_memory[process] - first for process, first in first_memory.items())
    return Drain(count, seconds, growth, is_in_order)


def _timer_fields(due: datetime) -> dict[str, object]:
    timer = {
        "id": "payment_due",
        "due": due,
        "version": 1,
        "correlation_id": "019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d35",
        "causation_id": "019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d36",
    }
    return {"timers": [timer], "next_due": due}
