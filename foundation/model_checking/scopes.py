"""How large the model is made for each check: it must be visited whole in little time."""

from dataclasses import dataclass

Size = dict[str, int]
"""Values of the model's constants, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """One size of the model.

    Attributes:
        name: what is looked at.
        bounds: how much of everything there is, for a reader.
        size: the constants.
    """

    name: str
    bounds: str
    size: Size


def size(  # noqa: PLR0913 - one constant each
    *,
    workers: int,
    commands: int = 2,
    relays: int = 0,
    executors: int = 0,
    reactions: int = 0,
    faults: int = 1,
    failures: int = 0,
) -> Size:
    """Return the constants of a size.

    Args:
        workers: that carry out commands at once.
        commands: that change document A.
        relays: at once.
        executors: that call timers at once; with none, there are no timers.
        reactions: of document B to events of document A.
        faults: kills, lost replies, lost or refused events, slow clocks and rollbacks together.
        failures: of timers' handlers.
    """
    constants = {
        "WORKERS": workers,
        "COMMANDS": commands,
        "RELAYS": relays,
        "REACTIONS": reactions,
        "FAULTS": faults,
        "FAILURES": failures,
    }
    return constants | ({"TIMERS": 1, "EXECUTORS": executors} if executors else {})


WHOLE = (
    Scope(
        name="events",
        bounds="2 documents, 3 relays, 2 workers, 4 commands, 1 fault",
        size=size(workers=2, relays=3, reactions=2),
    ),
    Scope(
        name="faults of relays",
        bounds="1 document, 3 relays, 2 workers, 2 commands, 4 faults",
        size=size(workers=2, relays=3, faults=4),
    ),
    Scope(
        name="timers",
        bounds="2 timers, 2 executors, sweep, 1 worker, 2 commands, 1 fault, 1 failing call",
        size=size(workers=1, executors=2, failures=1),
    ),
    Scope(
        name="events and timers",
        bounds="2 documents, 2 timers, 3 relays, 1 executor, sweep, 1 worker, 2 commands, 1 fault",
        size=size(workers=1, commands=1, relays=3, executors=1, reactions=1),
    ),
)

SHORT = (
    Scope(
        name="events",
        bounds="1 document, 2 relays, 2 workers, 2 commands, 1 fault",
        size=size(workers=2, relays=2),
    ),
    Scope(
        name="timers",
        bounds="2 timers, 1 executor, sweep, 1 worker, 2 commands, 1 fault, 1 failing call",
        size=size(workers=1, executors=1, failures=1),
    ),
)
