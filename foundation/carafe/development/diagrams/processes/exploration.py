"""Every state that a process can reach, found by trying every message in each.

States that differ in moments and versions alone are one. So that a process that counts has an end
of them, so are those that differ in numbers above a few alone, or in what comes behind the first
few items of a list. What follows when a refusal comes late is not looked into: each of them would
double the states, and a way back without one step looks as any other.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from carafe.api.handlers import MakeHandlers
from carafe.contracts.outgoing_commands import OutgoingCommand
from carafe.contracts.received_commands import CommandRefused
from carafe.development.diagrams.effects import effects_of
from carafe.development.project import project
from carafe.domain.model import DomainCommand, DomainEvent
from carafe.domain.process import Process
from carafe.domain.process_state import ProcessStatus, Purpose
from carafe.domain.steps import StepStatus
from carafe.infrastructure.declaration import Declaration

from .examples import examples_of
from .moves import (
    BEFORE,
    Arrival,
    Call,
    Cause,
    Exploration,
    Move,
    Refusal,
    Resumption,
    Trigger,
    cause_of,
)
from .stand_ins import Unavailable
from .trial import THEME, Handler, Message, Outcome, Snapshot, Trial

MOST_STATES = 1_000
MOST_COUNTED = 5

# What makes no other state: how the store keeps it, and what is told to people and refusals.
_BOOKKEEPING = {"version", "sequence", "pending", "handled", "next_due", "reason", "command_ids"}

Found = tuple[Trigger, Outcome]


@functools.cache
def explorations() -> Mapping[type[Process], Exploration]:
    """Return what was found of each process of the service."""
    functions = project().functions
    return {
        each: explore(each, functions.service, functions.make_handlers)
        for each in functions.service.processes
    }


def explore(
    process: type[Process], service: Declaration[Any], make_handlers: MakeHandlers
) -> Exploration:
    """Try every message, refusal and timer in each state that a process can reach.

    Args:
        process: its class.
        service: whose process it is.
        make_handlers: returns the handlers of the service.
    """
    return _Explorer(process, service, make_handlers).run()


def recorded_on(
    process: type[Process], cause: Cause
) -> tuple[type[DomainCommand | DomainEvent], ...]:
    """Return all that a process sends, in any state, when something comes."""
    moves = [each for each in explorations()[process].moves if cause_of(each.trigger) is cause]
    return tuple(dict.fromkeys(each for move in moves for each in move.recorded))


class _Explorer:
    def __init__(
        self, process: type[Process], service: Declaration[Any], make_handlers: MakeHandlers
    ) -> None:
        self._trial: Trial[Process] = Trial(process, service, make_handlers)
        self._found = Exploration(process, service)
        self._numbers: dict[str, int] = {}
        self._open: dict[int, Snapshot] = {}
        self._handlers = [
            (contract, handler, self._may_lead(handler))
            for contract, handler in self._trial.handlers()
        ]
        self._examples: dict[tuple[type[Message], str], list[Message]] = {}

    def run(self) -> Exploration:
        self._note_all(BEFORE, self._arrivals(Snapshot(), [THEME]))
        explored: set[int] = set()
        while unexplored := self._open.keys() - explored:
            number = min(unexplored)
            explored.add(number)
            snapshot, process = self._open[number], self._found.states[number]
            self._note_all(number, self._arrivals(snapshot, [THEME, process.id]))
            self._note_all(number, self._refusals(snapshot, process))
            self._note_all(number, self._calls(snapshot, process))
            self._note_all(number, self._resumptions(snapshot, process))
            if len(self._numbers) > MOST_STATES:
                self._found.is_complete = False
                break
        return self._found

    def _arrivals(self, before: Snapshot, texts: Sequence[str]) -> Iterator[Found]:
        for contract, handler, is_told in self._handlers:
            if not issubclass(contract, CommandRefused):
                for text in texts:
                    for message in self._examples_of(contract, text):
                        deliver = partial(self._trial.deliver, handler, message, before)
                        yield from self._tried(Arrival(contract), deliver, is_told=is_told)

    def _refusals(self, before: Snapshot, process: Process) -> Iterator[Found]:
        for contract, handler, is_told in self._handlers:
            if issubclass(contract, CommandRefused):
                for command_id in process.command_ids:
                    command = self._found.commands[command_id]
                    if self._receiver_of(command) == contract.publisher():
                        refused = contract(command_id=command_id, code="refused")
                        deliver = partial(self._trial.deliver, handler, refused, before)
                        is_late = _is_late(process, command_id)
                        trigger = Refusal(contract, command, is_late)
                        yield from self._tried(trigger, deliver, is_told=is_told)

    def _examples_of(self, contract: type[Message], text: str) -> list[Message]:
        if (contract, text) not in self._examples:
            self._examples[contract, text] = list(examples_of(contract, text))
        return self._examples[contract, text]

    def _calls(self, before: Snapshot, process: Process) -> Iterator[Found]:
        for timer in sorted(process.timers, key=lambda each: (each.due, each.id)):
            trigger = Call(self._trial.kind_of(timer), timer.key)
            yield from self._tried(trigger, partial(self._trial.call, timer, before))

    def _resumptions(self, before: Snapshot, process: Process) -> Iterator[Found]:
        if process.status is ProcessStatus.STUCK:
            for by_hand in (False, True):
                resume = partial(self._trial.resume, before, is_undone_by_hand=by_hand)
                yield from self._tried(Resumption(by_hand), resume)

    def _tried(
        self,
        trigger: Trigger,
        act: Callable[[], Outcome | None],
        *,
        is_told: bool = True,
    ) -> Iterator[Found]:
        """Yield what a trigger does, if it can be tried and does something.

        Args:
            trigger: what comes.
            act: lets it come.
            is_told: note it if it cannot be tried.
        """
        try:
            outcome = act()
        except Unavailable as missing:
            reason = f"asks for {missing}, and only the process was there"
        except Exception as error:  # noqa: BLE001 - a handler may fail as it likes
            reason = f"failed with {type(error).__name__}"
        else:
            if outcome is not None:
                yield trigger, outcome
            return
        if is_told and (cause := cause_of(trigger)) is not None:
            self._found.untried[cause] = reason

    def _may_lead(self, handler: Handler) -> bool:
        """Return whether a handler uses the process, as far as its code tells."""
        aggregates = effects_of(handler).aggregates
        is_method = hasattr(handler, "__self__")
        return self._found.process in aggregates or not (aggregates or is_method)

    def _note_all(self, start: int, found: Iterable[Found]) -> None:
        for trigger, outcome in found:
            self._found.commands |= outcome.command_ids
            number = self._number(outcome.snapshot)
            move = Move(start, trigger, outcome.recorded, number)
            if (move.start != move.end or move.recorded) and move not in self._found.moves:
                self._found.moves.append(move)
            if not (isinstance(trigger, Refusal) and trigger.is_late):
                self._open.setdefault(number, outcome.snapshot)

    def _number(self, snapshot: Snapshot) -> int:
        """Return the number of a state, which may be a new one."""
        key = _key(snapshot)
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers)
            self._found.states.append(self._trial.process_in(snapshot))
        return self._numbers[key]

    def _receiver_of(self, command: type[DomainCommand]) -> str:
        contract = self._found.service.sent[command]
        return contract.receiver() if issubclass(contract, OutgoingCommand) else ""


def _is_late(process: Process, command_id: str) -> bool:
    """Return whether a step has been answered, or given up, whose command is refused.

    That of an undoing never comes too late: nothing may have confirmed it.
    """
    record, purpose = process._sent(command_id)  # noqa: SLF001 - no service needs to know
    return purpose is Purpose.BEGIN and record.status is not StepStatus.WAITING


def _key(snapshot: Snapshot) -> str:
    """Return what tells a state from others."""
    document = snapshot.document or {}
    timers = sorted(each["id"] for each in document.get("timers", ()))
    rest = {name: value for name, value in document.items() if name not in _BOOKKEEPING}
    return repr((timers, _essence(rest | {"timers": None})))


def _essence(value: Any) -> Any:  # noqa: ANN401 - any value of a document
    """Return what a value has in common with those that make no other state."""
    match value:
        case dict():
            return {name: _essence(each) for name, each in sorted(value.items())}
        case list():
            return [_essence(each) for each in value[:MOST_COUNTED]]
        case datetime():
            return "a moment"
        case int():
            return min(value, MOST_COUNTED)
    return value
