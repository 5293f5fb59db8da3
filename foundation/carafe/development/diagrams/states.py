"""State diagrams as Mermaid source.

state_diagram(
    [State("waits for the letter", "behaviour"), State("sent", "store")],
    {
        (BEGINNING, "waits for the letter"): ["LoanOpened\\n/ SendLetter"],
        ("waits for the letter", "sent"): ["LetterSent"],
        ("sent", END): ["LetterRead"],
    },
)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .layout import fold
from .mermaid import escape, styles

BEGINNING, END = "beginning", "end"

# A page of paper is some 800 pixels wide, and so is a column of text on a screen. What the letters
# and the space around them take was measured.
WIDEST = 800
LETTER = 8
AROUND_A_STATE, AROUND_A_LABEL = 60, 80

# Of the lines of a name, in letters.
LONGEST = 26

Arrows = Mapping[tuple[str, str], Sequence[str]]
"""The labels of each arrow, by the names of the states between which it lies.

Line feeds separate the lines of a label.
"""


@dataclass(frozen=True)
class State:
    """A state of a diagram.

    Attributes:
        name: unique in the diagram; other than `BEGINNING` and `END`, between which all lie.
        style: one of `mermaid.STYLES`; empty for Mermaid's own.
    """

    name: str
    style: str = ""


def state_diagram(states: Sequence[State], arrows: Arrows, direction: str = "") -> str:
    """Return a state diagram.

    Args:
        states: in drawing order.
        arrows: between them, and from `BEGINNING` and to `END`.
        direction: LR or TB; by default, from left to right if that fits a page.
    """
    # Numbered, since the name of a state may be a keyword of Mermaid.
    ids = {each.name: f"s{number}" for number, each in enumerate(states, start=1)}
    direction = direction or ("LR" if _width(arrows) <= WIDEST else "TB")
    lines = [f"direction {direction}"]
    lines += [f'state "{escape(fold(name, LONGEST))}" as {id_}' for name, id_ in ids.items()]
    ids |= {BEGINNING: "[*]", END: "[*]"}
    for (start, end), labels in arrows.items():
        lines.append(f"{ids[start]} --> {ids[end]} : {'<br>'.join(map(escape, labels))}")
    lines += [f"class {ids[each.name]} {each.style}" for each in states if each.style]
    lines += styles(each.style for each in states if each.style)
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in lines)])


def _width(arrows: Arrows) -> int:
    """Return about how wide a diagram from left to right becomes, in pixels."""
    columns = _columns(arrows)
    names: dict[int, int] = {}
    for name, column in columns.items():
        length = 0 if name in {BEGINNING, END} else len(name)
        names[column] = max(names.get(column, 0), length)
    labels: dict[int, int] = {}
    for ends, texts in arrows.items():
        column = min(columns[each] for each in ends)
        lines = [line for text in texts for line in text.split("\n")]
        labels[column] = max(labels.get(column, 0), *map(len, lines))
    letters = sum(names.values()) + sum(labels.values())
    return letters * LETTER + len(names) * AROUND_A_STATE + len(labels) * AROUND_A_LABEL


def _columns(arrows: Arrows) -> dict[str, int]:
    """Return the column of each state: right of those that lead to it and are told of before."""
    names = list(dict.fromkeys(name for ends in arrows for name in ends))
    columns = dict.fromkeys(names, 0)
    for position, start in enumerate(names):
        for end in names[position + 1 :]:
            if (start, end) in arrows:
                columns[end] = max(columns[end], columns[start] + 1)
    return columns
