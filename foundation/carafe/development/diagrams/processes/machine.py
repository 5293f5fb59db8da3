"""A process as a state machine."""

from collections.abc import Sequence

from carafe.development.diagrams.layout import fold, pages
from carafe.development.diagrams.states import BEGINNING, LONGEST, Arrows, State, state_diagram

from .moves import BEFORE, Exploration, Move, Refusal
from .naming import STUCK, WAY_BACK, label_of, state_of

# In pixels, measured: a state with the arrow to the next one, a line of its label, and what more
# arrows would cost if they were drawn below each other: a dozen beside each other fill a screen.
STATE, LINE, ARROW = 100, 21, 90

Row = tuple[str, str, str, str]


def state_machines(found: Exploration) -> list[str]:
    """Return the state diagrams of what was found: each has all that leads away from some states.

    There is more than one if a screen is too small for all.
    """
    states = {each.name: each for each in map(state_of, found.states)}
    arrows = _arrows([each for each in found.moves if not is_aside(each, found)], found)
    ways_back = {each.name for each in map(state_of, found.states) if each.style == WAY_BACK}
    # The way forward stands before the way back.
    starts = sorted(dict.fromkeys(start for start, _ in arrows), key=ways_back.__contains__)
    return [
        _diagram({ends: arrows[ends] for ends in arrows if ends[0] in page}, states)
        for page in pages(starts, lambda start: _height(start, arrows))
    ]


def asides(found: Exploration) -> list[Row]:
    """Return what else may come: in which states, what it is, what is sent, and what follows."""
    starts: dict[tuple[str, str, str], list[str]] = {}
    for move in found.moves:
        if is_aside(move, found):
            start, end = ends_of(move, found)
            follows = "" if start == end else end
            what = (label_of(found.process, move.trigger), _names(move), follows)
            if start not in starts.setdefault(what, []):
                starts[what].append(start)
    rows: dict[tuple[str, str, str], list[str]] = {}
    for (comes, sent, follows), states in starts.items():
        rows.setdefault((", ".join(states), sent, follows), []).append(comes)
    return [
        (states, ", ".join(comes), sent, follows) for (states, sent, follows), comes in rows.items()
    ]


def is_aside(move: Move, found: Exploration) -> bool:
    """Return whether a move is left out of the pictures.

    It comes late, is only noted, or is how a process goes on that was stuck.
    """
    if isinstance(move.trigger, Refusal) and move.trigger.is_late:
        return True
    start, end = ends_of(move, found)
    is_noted = start == end and not move.recorded
    return is_noted or start == STUCK


def ends_of(move: Move, found: Exploration) -> tuple[str, str]:
    """Return the names of the states between which a move leads."""
    start = BEGINNING if move.start == BEFORE else state_of(found.states[move.start]).name
    return start, state_of(found.states[move.end]).name


def move_label(move: Move, found: Exploration) -> str:
    """Return what comes, and behind a slash what is sent."""
    return f"{label_of(found.process, move.trigger)} {_sent(move)}".rstrip()


def _arrows(moves: Sequence[Move], found: Exploration) -> Arrows:
    """Return the arrows of moves; at each of them, what sends the same stands together."""
    triggers: dict[tuple[str, str], dict[str, list[str]]] = {}
    for move in moves:
        labels = triggers.setdefault(ends_of(move, found), {}).setdefault(_sent(move), [])
        if (label := label_of(found.process, move.trigger)) not in labels:
            labels.append(label)
    return {
        ends: [
            fold("\n".join([*labels, sent] if sent else labels), LONGEST)
            for sent, labels in each.items()
        ]
        for ends, each in triggers.items()
    }


def _diagram(arrows: Arrows, states: dict[str, State]) -> str:
    names = dict.fromkeys(name for ends in arrows for name in ends if name in states)
    return state_diagram([states[each] for each in names], arrows, "TB")


def _height(start: str, arrows: Arrows) -> int:
    """Return about how much higher a diagram becomes by the arrows from a state."""
    labels = [texts for (each, _), texts in arrows.items() if each == start]
    lines = max(sum(text.count("\n") + 1 for text in texts) for texts in labels)
    return max(STATE + LINE * lines, ARROW * len(labels))


def _sent(move: Move) -> str:
    return f"/ {_names(move)}" if move.recorded else ""


def _names(move: Move) -> str:
    return ", ".join(each.__name__ for each in move.recorded)
