"""The ways through a process: to its end, and what may lead off it."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

from carafe.contracts.base import Command
from carafe.domain.model import DomainCommand
from carafe.domain.process_state import ProcessStatus

from .machine import ends_of, is_aside, move_label
from .moves import BEFORE, Arrival, Exploration, Move, Resumption
from .participants import is_answer

# An event is expected. Any number of them is preferred to a caller's command, a deadline or a
# refusal, and any number of those to a person.
EXPECTED, UNEXPECTED, BY_A_PERSON = 1, 1_000, 1_000_000

GOOD_END = (ProcessStatus.COMPLETED, ProcessStatus.UNDONE)
WAY_BACK = (ProcessStatus.UNDONE, ProcessStatus.COMPLETED)


@dataclass(frozen=True)
class Way:
    """A way through a process.

    Attributes:
        moves: one after the other.
        joins: whether it ends in a state from which another way tells how it goes on.
    """

    moves: tuple[Move, ...]
    joins: bool = False


def ways_through(found: Exploration) -> list[Way]:
    """Return ways that tell of every move of a process that runs, and of how each goes on.

    The first one leads to its end, as it is expected; there is none if the process never begins.
    """
    return _Ways(found).all()


class _Ways:
    def __init__(self, found: Exploration) -> None:
        self._found = found
        self._told: set[tuple[str, str, str]] = set()
        self._states_told: set[str] = set()

    def all(self) -> list[Way]:
        main = Way(tuple(self._path(BEFORE, GOOD_END) or self._found.moves[:1]))
        ways = [main] if main.moves else []
        self._note(main)
        for move in self._in_order_of(main):
            is_told = self._name(move) in self._told or is_aside(move, self._found)
            if self._is_running(move.start) and not is_told:
                ways.append(self._way_from(move))
                self._note(ways[-1])
        return ways

    def _in_order_of(self, main: Way) -> list[Move]:
        """Return all moves, in the order in which the main way comes by their beginnings."""
        places = {ends_of(each, self._found)[0]: place for place, each in enumerate(main.moves)}
        return sorted(
            self._found.moves,
            key=lambda each: places.get(ends_of(each, self._found)[0], len(places)),
        )

    def _way_from(self, move: Move) -> Way:
        """Return a way that begins with a move, and ends where another one goes on."""
        moves = [move]
        if self._is_told(move):
            moves += self._answers_to(move)
        if not self._is_told(moves[-1]):
            ends = GOOD_END if self._is_running(moves[-1].end) else WAY_BACK
            for each in self._path(moves[-1].end, ends):
                moves.append(each)
                if self._is_told(each):
                    break
        has_ended = self._found.states[moves[-1].end].has_ended
        return Way(tuple(moves), joins=self._is_told(moves[-1]) and not has_ended)

    def _answers_to(self, move: Move) -> list[Move]:
        """Return what an own aggregate is to tell upon a command, if the process waits for it."""
        commands = [each for each in move.recorded if issubclass(each, DomainCommand)]
        answers = [
            each
            for each in self._found.moves
            if each.start == move.end
            and isinstance(each.trigger, Arrival)
            and any(
                is_answer(each.trigger.contract, command, self._found.service)
                for command in commands
            )
        ]
        return answers[:1]

    def _path(self, start: int, ends: Iterable[ProcessStatus]) -> list[Move]:
        """Return the best path to the first of the ends that can be reached; empty for none."""
        paths = self._paths(start)
        for status in ends:
            for number, path in paths:
                if number != BEFORE and self._found.states[number].status is status:
                    return path
        return []

    def _paths(self, start: int) -> list[tuple[int, list[Move]]]:
        """Return the best path to each state that can be reached, the best one first."""
        leaving: dict[int, list[Move]] = {}
        for move in self._found.moves:
            leaving.setdefault(move.start, []).append(move)
        reached: dict[int, list[Move]] = {}
        order = count()
        heap: list[tuple[int, int, int, list[Move]]] = [(0, next(order), start, [])]
        while heap:
            cost, _, number, path = heapq.heappop(heap)
            if number not in reached:
                reached[number] = path
                for move in leaving.get(number, ()):
                    entry = (cost + _cost(move), next(order), move.end, [*path, move])
                    heapq.heappush(heap, entry)
        return list(reached.items())

    def _note(self, way: Way) -> None:
        self._told |= {self._name(each) for each in way.moves}
        self._states_told |= {self._name(each)[2] for each in way.moves}

    def _is_told(self, move: Move) -> bool:
        return self._name(move)[2] in self._states_told

    def _is_running(self, number: int) -> bool:
        return number == BEFORE or self._found.states[number].status is ProcessStatus.RUNNING

    def _name(self, move: Move) -> tuple[str, str, str]:
        start, end = ends_of(move, self._found)
        return start, move_label(move, self._found), end


def _cost(move: Move) -> int:
    match move.trigger:
        case Resumption():
            return BY_A_PERSON
        case Arrival(contract) if not issubclass(contract, Command):
            return EXPECTED
    return UNEXPECTED
