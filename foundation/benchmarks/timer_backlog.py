"""What the sweep costs beside many timers that are far, and how a backlog of due ones drains."""

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bson import encode
from bson.raw_bson import RawBSONDocument
from msgspec import structs

from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.mediator import Mediator
from carafe.infrastructure.cqrs.timer_calls import TimerCalls
from carafe.infrastructure.timers.nudges import Delayed, TimerNudge, TimerNudges
from carafe.infrastructure.timers.sweep import TimerSweep
from chalicelib.api.wiring import handlers
from chalicelib.infrastructure.bootstrap import service
from chalicelib.infrastructure.settings import Settings

from . import many_orders, orders
from .service import no_nudge

BATCH = 5_000
PLENTY_SECONDS = 600.0
FAR = timedelta(days=365)
OVERDUE = timedelta(hours=1)


@dataclass(frozen=True)
class Drain:
    """How a backlog of due timers drained.

    Attributes:
        count: of timers.
        seconds: that it took, in one process.
        growth_megabytes: of memory meanwhile.
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


def drained(container: Container[Settings], progress: Callable[[int], object]) -> Drain:
    """Drain a backlog: sweep, call what it nudged, and so on, in this process."""
    kept = KeptNudges()
    table = handlers(container).table(service.subscribed, service.timer_kinds.values())
    sweep = TimerSweep(container.timer_stores, kept, container.clock)
    calls = TimerCalls(
        container.settings.service_name,
        Mediator(lambda: table),
        stores=container.timer_stores,
        kinds=service.timer_kinds,
        nudge=lambda *_: None,
        clock=container.clock,
    )
    count, seconds, memory = 0, 0.0, 0
    is_in_order, last = True, datetime.min.replace(tzinfo=orders.NOON.tzinfo)
    while True:
        began = time.perf_counter()
        swept = sweep.sweep(time.monotonic() + PLENTY_SECONDS)
        if not swept.nudged:
            break
        first = container.database["orders"].find_one({"_id": kept.nudges[0].ids[0]})
        due = first["next_due"] if first else last
        is_in_order, last = is_in_order and due >= last, due
        for nudge in kept.nudges:
            calls.settle(
                TimerNudge(list(nudge.ids), nudge.collection), time.monotonic() + PLENTY_SECONDS
            )
        seconds += time.perf_counter() - began
        kept.nudges.clear()
        count += swept.nudged
        memory = memory or _megabytes()
        progress(swept.nudged)
    return Drain(count, seconds, _megabytes() - memory, is_in_order)


def _megabytes() -> int:
    """Return the most memory that this process has taken so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _timer_fields(due: datetime) -> dict[str, object]:
    timer = {
        "id": "payment_due",
        "due": due,
        "version": 1,
        "correlation_id": "019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d35",
        "causation_id": "019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d36",
    }
    return {"timers": [timer], "next_due": due}
