"""The ways through a process as sequences of messages."""

from collections.abc import Iterator, Sequence

from carafe.contracts.base import Command
from carafe.development.diagrams.layout import pages
from carafe.development.diagrams.sequence import (
    COMMAND,
    EVENT,
    REFUSAL,
    Alternatives,
    Item,
    Message,
    Note,
    sequence_diagram,
)
from carafe.domain.model import DomainCommand
from carafe.domain.process_state import ProcessStatus

from .machine import ends_of
from .moves import BEFORE, Arrival, Call, Exploration, Move, Refusal, Resumption
from .naming import label_of
from .participants import PERSON, causes_of, participants, receiver_of, sender_of
from .ways import Way, ways_through

# In pixels, measured.
LINE, NOTE, HEADING = 48, 60, 50

Branch = tuple[str, tuple[Item, ...]]


def sequences(found: Exploration) -> tuple[str, list[str]]:
    """Return the sequence to the process's end, and those of what may lead off it.

    The first is empty if the process never begins, the others if nothing leads off.
    """
    ways = ways_through(found)
    if not ways:
        return "", []
    teller = _Teller(found)
    main, branches = tuple(teller.items(ways[0])), [teller.branch(each) for each in ways[1:]]
    return (
        _diagram(found, main),
        [_diagram(found, [Alternatives(tuple(page))]) for page in pages(branches, _branch_height)],
    )


class _Teller:
    """Tells of ways, move by move."""

    def __init__(self, found: Exploration) -> None:
        self._found = found
        self._process = found.process.__name__
        self._warned: set[str] = set()

    def branch(self, way: Way) -> Branch:
        """Return a way with the state in which it begins."""
        start, _ = ends_of(way.moves[0], self._found)
        condition = "at first" if way.moves[0].start == BEFORE else f"during {start}"
        return condition, tuple(self.items(way))

    def items(self, way: Way) -> Iterator[Item]:
        """Yield what happens on a way."""
        asked: set[str] = set()
        for number, move in enumerate(way.moves, start=1):
            yield from self._trigger(move, asked)
            sent = list(self._sent(move))
            asked |= {each.receiver for each in sent if isinstance(each, Message)}
            yield from sent
            is_last = number == len(way.moves)
            start, end = ends_of(move, self._found)
            if start != end or is_last:
                yield Note(self._process, self._state(move, joins=is_last and way.joins))
            if not (is_last and way.joins):
                yield from self._warning(move)

    def _trigger(self, move: Move, asked: set[str]) -> Iterator[Item]:
        match move.trigger:
            case Arrival(contract):
                sender = sender_of(contract, self._found.service)
                # What another service was asked for on this way, an own aggregate may hear first.
                causes = [
                    each
                    for each in causes_of(contract, self._found.service)
                    if each.publisher() in asked
                ]
                for cause in causes[:1]:
                    yield Message(cause.publisher(), sender, cause.__name__, EVENT)
                arrow = COMMAND if issubclass(contract, Command) else EVENT
                yield Message(sender, self._process, contract.__name__, arrow)
            case Refusal(contract, command):
                text = f"{command.__name__} is refused"
                yield Message(contract.publisher(), self._process, text, REFUSAL)
            case Call():
                text = label_of(self._found.process, move.trigger)
                yield Message(self._process, self._process, text)
            case Resumption():
                text = label_of(self._found.process, move.trigger)
                yield Message(PERSON, self._process, text)

    def _sent(self, move: Move) -> Iterator[Item]:
        for each in move.recorded:
            if issubclass(each, DomainCommand):
                yield Message(self._process, receiver_of(each, self._found.service), each.__name__)
            else:
                yield Note(self._process, f"tells everybody: {each.__name__}")

    def _state(self, move: Move, *, joins: bool) -> str:
        _, name = ends_of(move, self._found)
        is_running = self._found.states[move.end].status is ProcessStatus.RUNNING
        text = f"waits: {name}" if is_running else name
        return f"{text}\nand so on, as told before" if joins else text

    def _warning(self, move: Move) -> Iterator[Item]:
        """Yield, the first time that something is undone, how it gets stuck."""
        _, name = ends_of(move, self._found)
        is_undoing = self._found.states[move.end].status is ProcessStatus.UNDOING
        if is_undoing and name not in self._warned:
            self._warned.add(name)
            failures = [
                each
                for each in self._found.moves
                if each.start == move.end
                and self._found.states[each.end].status is ProcessStatus.STUCK
            ]
            if failures:
                labels = dict.fromkeys(
                    label_of(self._found.process, each.trigger) for each in failures
                )
                text = "stuck\nuntil a person resumes it"
                yield Alternatives(((", or ".join(labels), (Note(self._process, text),)),))


def _diagram(found: Exploration, items: Sequence[Item]) -> str:
    return sequence_diagram(participants(found.process, _messages_in(items), found.service), items)


def _messages_in(items: Sequence[Item]) -> Iterator[Message]:
    for each in items:
        if isinstance(each, Message):
            yield each
        elif isinstance(each, Alternatives):
            for _, branch in each.branches:
                yield from _messages_in(branch)


def _branch_height(branch: Branch) -> int:
    return HEADING + sum(map(_height, branch[1]))


def _height(item: Item) -> int:
    match item:
        case Message():
            return LINE
        case Note():
            return NOTE
        case Alternatives(branches):
            return sum(map(_branch_height, branches))
