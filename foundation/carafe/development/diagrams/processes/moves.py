"""What moves a process from state to state, and all the moves that were found."""

from dataclasses import dataclass, field
from typing import Any

from carafe.contracts.base import Query
from carafe.contracts.received_commands import CommandRefused
from carafe.domain.model import DomainCommand, DomainEvent
from carafe.domain.process import Process
from carafe.domain.timers import Timer
from carafe.infrastructure.declaration import Declaration

from .trial import Message


@dataclass(frozen=True)
class Arrival:
    """A message comes: an event, or a command."""

    contract: type[Message]


@dataclass(frozen=True)
class Refusal:
    """The receiver of a command refuses it.

    Attributes:
        contract: by which it tells so.
        command: what it was asked.
        is_late: the process no longer waits for what it asked.
    """

    contract: type[CommandRefused]
    command: type[DomainCommand]
    is_late: bool = False


@dataclass(frozen=True)
class Call:
    """A timer calls."""

    timer: type[Timer]
    key: str


@dataclass(frozen=True)
class Resumption:
    """A person lets a stuck process go on."""

    is_undone_by_hand: bool


Trigger = Arrival | Refusal | Call | Resumption

Cause = type[Message] | type[Timer] | type[Query]
"""The class of what comes."""

BEFORE = -1
"""The number of no state: where a process comes from when it begins."""


@dataclass(frozen=True)
class Move:
    """What a trigger does.

    Attributes:
        start: the number of the state before; `BEFORE` if it begins the process.
        trigger: what comes.
        recorded: what is sent, in order.
        end: the number of the state afterwards.
    """

    start: int
    trigger: Trigger
    recorded: tuple[type[DomainCommand | DomainEvent], ...]
    end: int


@dataclass
class Exploration:
    """What was found.

    Attributes:
        process: the class.
        service: whose process it is.
        states: the process in each state, in the order in which they were found.
        moves: between them, in the order of their starts.
        commands: those that have an id, by which they can be refused.
        untried: what could not be tried in every state, with what its handler did.
        is_complete: whether no further state was left.
    """

    process: type[Process]
    service: Declaration[Any]
    states: list[Process] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    commands: dict[str, type[DomainCommand]] = field(default_factory=dict)
    untried: dict[Cause, str] = field(default_factory=dict)
    is_complete: bool = True


def cause_of(trigger: Trigger) -> Cause | None:
    """Return the class of what comes; None for a person."""
    match trigger:
        case Arrival(contract) | Refusal(contract):
            return contract
        case Call(timer, _):
            return timer
    return None
