"""Which functions may send to which queue: their policies allow it, and the queue's nobody else."""

from collections.abc import Iterator

from chalice.app import Chalice

from carafe.development.event_sources import QueueTrigger
from carafe.development.queues import COMMAND_FUNCTION, NUDGE_FUNCTION

from .naming import handlers

NEVER_SAVE = {"authorize", "bridge", "sweep"}
"""The functions that execute no commands. Any that is not known here is taken to do so."""

NEVER_FILL = {"authorize", COMMAND_FUNCTION}
"""The functions that need no further right to send to the queue of commands; all others send
nudges of timers there, or commands. `execute` may do so anyway."""


def senders(app: Chalice, trigger: QueueTrigger) -> Iterator[str]:
    """Yield the functions that send to a queue of the foundation's; to others, nobody is known."""
    for function in handlers(app):
        saves = trigger.function == NUDGE_FUNCTION and function not in NEVER_SAVE
        fills = trigger.function == COMMAND_FUNCTION and function != "authorize"
        if saves or fills:
            yield function
