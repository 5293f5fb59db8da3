"""What the sweep does: it finds what no nudge brought, and reports what waits."""

import time
from typing import TYPE_CHECKING, Any, Protocol

from carafe.infrastructure.service import Service

if TYPE_CHECKING:
    from carafe.infrastructure.outbox.relay_result import RelayResult
    from carafe.infrastructure.timers.sweep import SweptTimers

TIMERS_SHARE = 1 / 3
"""Of a sweep's time, that timers take at most."""


class Report(Protocol):
    """Writes a log line with metrics."""

    def __call__(self, message: str, **values: float) -> None:
        """Write it."""


def sweep(service: Service[Any], deadline: float, report: Report) -> dict[str, int]:
    """Nudge the timers that are due, relay what no nudge brought, and report what waits.

    Timers come first, since they take little time, and no more than a third of it. Whatever
    becomes of them, the events are relayed.

    Args:
        service: whose documents are looked at.
        deadline: on the clock of `time.monotonic`.
        report: called with each part's figures.

    Returns:
        How many documents' timers were nudged, how many events and commands were relayed, and how
        many documents still have some.

    Raises:
        StoreUnavailable: the database did not answer in time.
    """
    nudged = 0
    try:
        nudged = _timers(service, deadline, report).nudged
    finally:
        relayed = _overdue(service, deadline, report)
    if service.processes:
        stuck = service.run(lambda container: container.stuck_processes())
        report("processes counted", processes_stuck=stuck)
    return {
        "nudged": nudged,
        "relayed": relayed.confirmed,
        "unfinished": len(relayed.unfinished),
    }


def report_relayed(report: Report, relayed: "RelayResult", **more: float) -> None:
    """Report what became of events and commands on their way."""
    report(
        "events relayed",
        relayed=relayed.confirmed,
        returned=relayed.returned,
        parked=relayed.parked,
        unfinished=len(relayed.unfinished),
        **more,
    )


def _timers(service: Service[Any], deadline: float, report: Report) -> "SweptTimers":
    begin = time.monotonic()
    end = begin + (deadline - begin) * TIMERS_SHARE
    timers = service.run(lambda container: container.timer_sweep.sweep(end))
    report(
        "timers nudged",
        timers_nudged=timers.nudged,
        timer_overdue_seconds=timers.overdue_seconds,
        timers_parked=timers.parked,
    )
    return timers


def _overdue(service: Service[Any], deadline: float, report: Report) -> "RelayResult":
    age = service.run(lambda container: container.relay.oldest_pending_seconds())
    relayed = service.run(
        lambda container: container.relay.sweep(container.settings.sweep_grace_seconds, deadline)
    )
    report_relayed(report, relayed, pending_age_seconds=age)
    return relayed
