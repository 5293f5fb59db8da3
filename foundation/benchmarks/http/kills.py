"""Events lost when the server of an API is killed under load."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import load
from .bench import POST, Contender
from .generator import Job
from .sides import kill_server, pause, resume

CONNECTIONS = 8
PATIENCE_SECONDS = 90.0  # a sweep comes each minute


@dataclass(frozen=True)
class Losses:
    """What became of acknowledged orders.

    Attributes:
        kills: how often the server was killed.
        acknowledged: how many orders were placed successfully.
        lost: how many of them never had an event.
    """

    kills: int
    acknowledged: int
    lost: int


def measured_losses(
    contender: Contender, kills: int, pause_seconds: float, report: Callable[[str], None]
) -> Losses:
    """Kill the server under load a number of times, and look for the events of its orders.

    Args:
        contender: whose server is killed.
        kills: how often.
        pause_seconds: between two of them.
        report: called after each.
    """
    resume(contender.side)
    try:
        order_ids = _place_while_killed(contender, kills, pause_seconds, report)
        lost = contender.arrivals.wait_for(order_ids, PATIENCE_SECONDS)
    finally:
        pause(contender.side)
    return Losses(kills, len(order_ids), lost)


def _place_while_killed(
    contender: Contender, kills: int, pause_seconds: float, report: Callable[[str], None]
) -> list[str]:
    order_ids: list[str] = []
    seconds = pause_seconds * (kills + 1)
    job = Job(contender.side.port, CONNECTIONS, seconds, contender.requests[POST])
    placing = threading.Thread(target=lambda: order_ids.extend(load.run(job).created_ids))
    placing.start()
    for number in range(kills):
        time.sleep(pause_seconds)
        kill_server(contender.side)
        contender.side.restart_server()
        report(f"{contender.side.name}: server killed, {number + 1} of {kills}")
    placing.join()
    return order_ids
