"""Processes that call due timers, as several environments of `execute` do."""

import os
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

from carafe.infrastructure.cqrs.mediator import Mediator
from carafe.infrastructure.cqrs.timer_calls import TimerCalls
from carafe.infrastructure.timers.nudges import Delayed, TimerNudge
from chalicelib.api.wiring import handlers
from chalicelib.infrastructure.bootstrap import service
from chalicelib.infrastructure.settings import Settings

from .service import no_nudge

PLENTY_SECONDS = 600.0

# What one process calls timers with; `_wire` makes it when the process starts.
_calls: list[TimerCalls] = []


@dataclass(frozen=True)
class Memory:
    """The most memory that a process has taken so far.

    Attributes:
        process: its id.
        megabytes: of resident memory.
    """

    process: int
    megabytes: int


Call = Callable[[Sequence[Delayed]], list[Memory]]


@contextmanager
def calling(settings: Settings, processes: int) -> Iterator[Call]:
    """Start processes, and return what has them call the timers of nudges.

    Args:
        settings: where the timers are.
        processes: their number.
    """
    spawn = get_context("spawn")  # a client of MongoDB does not survive a fork
    with ProcessPoolExecutor(processes, spawn, _wire, (settings,)) as pool:
        yield lambda nudges: list(pool.map(_settle, nudges))


def _wire(settings: Settings) -> None:
    container = service.wired(settings)
    container.nudge = no_nudge  # type: ignore[method-assign]
    table = handlers(container).table(service.subscribed, service.timer_kinds.values())
    _calls.append(
        TimerCalls(
            settings.service_name,
            Mediator(lambda: table),
            stores=container.timer_stores,
            kinds=service.timer_kinds,
            nudge=lambda *_: None,
            clock=container.clock,
        )
    )


def _settle(nudge: Delayed) -> Memory:
    plenty = time.monotonic() + PLENTY_SECONDS
    _calls[0].settle(TimerNudge(list(nudge.ids), nudge.collection), plenty)
    return Memory(os.getpid(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
