"""docs/public-surface.md: what is public is what its tables name."""

import re
from dataclasses import dataclass
from pathlib import Path

PLACE = Path("foundation/docs/public-surface.md")
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")

Names = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Surface:
    """What the document names.

    Attributes:
        names: the public names of each public module.
        words: what else is promised, by the document's heading: commands, variables and so on.
    """

    names: Names
    words: Names


def surface_of(tree: Path) -> Surface:
    """Return what the document of a tree names."""
    parts = SECTION.split((tree / PLACE).read_text("utf-8"))[1:]
    names: Names = {}
    words: Names = {}
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        rows = [line for line in text.splitlines() if line.startswith("| `")]
        cells = [[CODE.findall(each) for each in row.split(" | ", 1)] for row in rows]
        if heading == "Modules and names":
            names = {first[0]: tuple(rest) for first, rest in cells}
        elif cells:
            words[heading] = tuple(_words(cells))
    return Surface(names, words)


def _words(rows: list[list[list[str]]]) -> list[str]:
    """Return the first cell of each row; with the options that a second cell may name."""
    found = []
    for first, *rest in rows:
        for word in first:
            found.append(word)
            found += [f"{word} {option}" for cell in rest for option in cell if option[:2] == "--"]
    return found
