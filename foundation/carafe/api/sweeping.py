"""What the sweep does: it finds what no nudge brought, and reports what waits."""

import logging
import time
from typing import TYPE_CHECKING, Any, Protocol

from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.names import inbox_queue, parked_queue, unrouted_queue
from carafe.infrastructure.service import Service

if TYPE_CHECKING:
    from carafe.infrastructure.outbox.relay_result import RelayResult
    from carafe.infrastructure.timers.sweep import SweptTimers

log = logging.getLogger(__name__)

TIMERS_SHARE = 1 / 3
"""Of a sweep's time, that timers take at most."""

DEPTHS_SECONDS = 5.0
"""For measuring the broker's queues."""


class Report(Protocol):
    """Writes a log line with metrics."""

    def __call__(self, message: str, **values: float) -> None:
        """Write it."""


def sweep(service: Service[Any], deadline: float, report: Report) -> dict[str, int]:
    """Nudge the timers that are due, relay what no nudge brought, and report what waits.

    Timers come first, since they take little time, and no more than a third of it. Whatever
    becomes of them, the events are relayed. The broker's queues are measured before, since the
    relay may need all the time that is left.

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
        _depths(service, deadline, report)
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


def _depths(service: Service[Any], deadline: float, report: Report) -> None:
    """Report what waits in the broker's queues; of a queue that cannot be measured, nothing.

    An alarm counts missing values as too high ones.
    """
    container = service.container()
    name = container.settings.service_name
    try:
        depths = container.bus.depths(min(deadline, time.monotonic() + DEPTHS_SECONDS))
    except BusUnavailable as error:
        log.error("the broker's queues are not measured: %s", error.message)  # noqa: TRY400 - no values in it
        return
    names = {
        "inbox_messages": inbox_queue(name),
        "inbox_parked": parked_queue(name),
        "unrouted_messages": unrouted_queue(name),
    }
    values = {each: depths[queue].messages for each, queue in names.items() if queue in depths}
    if inbox := depths.get(inbox_queue(name)):
        values["inbox_consumers"] = inbox.consumers
    if values:
        report("broker's queues measured", **values)


def _overdue(service: Service[Any], deadline: float, report: Report) -> "RelayResult":
    age = service.run(lambda container: container.relay.oldest_pending_seconds())
    relayed = service.run(
        lambda container: container.relay.sweep(container.settings.sweep_grace_seconds, deadline)
    )
    report_relayed(report, relayed, pending_age_seconds=age)
    return relayed
