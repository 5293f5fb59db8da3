"""Keeps pictures on a screen: how large they will be, roughly, and what to part or fold.

The figures are those of Mermaid's default font, measured on its pictures, in pixels.
"""

import dataclasses
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from .mermaid import Box, Flowchart, Node, Relation

T = TypeVar("T")

# Below a screen of 1280 by 1100: the estimates are rough.
WIDEST = 1_220
HIGHEST = 940

CHARACTER = 7.9
LINE = 21
NODE_WIDTH = 155
NODE_PADDING = 32
CLASS_PADDING = 80
COLUMN_GAP = 45
ROW_GAP = 64
BOX_GAP = 145

# Lines of so many characters are tried one after the other, until a picture is narrow enough.
LONGEST_LINES = (80, 40, 34, 28, 24, 20, 16)
LONGEST_MEMBERS = (46, 40, 34, 28, 24)

# Where a name may be folded: behind a sign, or in front of a capital.
_FOLD = re.compile(r"(?<=[._/ -])(?=.)|(?<=[a-z0-9])(?=[A-Z])")


def rows(paths: Sequence[Sequence[Node]]) -> str:
    """Return a flowchart of paths, one below the other; long names are folded."""
    chart = Flowchart()
    for path in _fitted(paths):
        chart.path(path)
    return chart.text if chart.drawn else ""


def rows_height(paths: Sequence[Sequence[Node]]) -> int:
    """Return how high rows will be."""
    return sum(
        max(node.text.count("\n") + 1 for node in path) * LINE + ROW_GAP for path in paths if path
    )


def box_height(box: Box) -> int:
    """Return how high a class will be."""
    return BOX_GAP + LINE * len(box.members)


def pages(items: Sequence[T], height_of: Callable[[T], int]) -> list[list[T]]:
    """Part items into as few pictures as fit a screen, of about the same height each."""
    heights = [height_of(item) for item in items]
    fewest = len(_filled(items, heights, HIGHEST))
    even = sum(heights) // max(fewest, 1)
    for limit in range(even, HIGHEST, LINE):
        found = _filled(items, heights, limit)
        if len(found) <= fewest:
            return found
    return _filled(items, heights, HIGHEST)


def _filled(items: Sequence[T], heights: Sequence[int], limit: int) -> list[list[T]]:
    """Fill pictures one after the other, up to a height; each has one item at least."""
    found: list[list[T]] = []
    used = 0
    for item, height in zip(items, heights, strict=True):
        if not found or used + height > limit:
            found.append([])
            used = 0
        found[-1].append(item)
        used += height
    return found


def narrowed(columns: Sequence[Sequence[Box]], relations: Sequence[Relation]) -> list[Box]:
    """Return the classes of columns, their members shortened until all fit side by side."""
    label = max((len(each.label) for each in relations), default=0)
    gaps = (len(columns) - 1) * (COLUMN_GAP * 2 + label * CHARACTER)
    fitted = columns
    for longest in LONGEST_MEMBERS:
        fitted = [[_shortened(box, longest) for box in column] for column in columns]
        if sum(max(map(_box_width, column), default=0) for column in fitted) + gaps <= WIDEST:
            break
    return [box for column in fitted for box in column]


def _shortened(box: Box, longest: int) -> Box:
    return dataclasses.replace(box, members=tuple(_member(each, longest) for each in box.members))


def _member(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    name, called, _ = text.partition("(")
    if called and len(name) + 3 <= longest:
        return f"{name}(…)"
    return f"{name[: longest - 4]}…(…)" if called else f"{text[: longest - 1]}…"


def _box_width(box: Box) -> float:
    words = [f"«{box.kind}»", box.name, *box.members]
    return max(map(len, words)) * CHARACTER + CLASS_PADDING


def folded(text: str, longest: int) -> str:
    """Return text with its lines folded between words; a word stays whole."""
    lines = []
    for line in text.split("\n"):
        lines.append("")
        for part in _FOLD.split(line):
            if lines[-1] and len(lines[-1]) + len(part) > longest:
                lines.append("")
            lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def _fitted(paths: Sequence[Sequence[Node]]) -> Sequence[Sequence[Node]]:
    fitted = paths
    for longest in LONGEST_LINES:
        fitted = [
            [dataclasses.replace(node, text=folded(node.text, longest)) for node in path]
            for path in paths
        ]
        if _width(fitted) <= WIDEST:
            break
    return fitted


def _width(paths: Sequence[Sequence[Node]]) -> float:
    count = max((len(path) for path in paths), default=0)
    columns = [[path[place] for path in paths if len(path) > place] for place in range(count)]
    return sum(max(map(_node_width, nodes)) + COLUMN_GAP for nodes in columns)


def _node_width(node: Node) -> float:
    longest = max(len(line) for line in node.text.split("\n"))
    return max(NODE_WIDTH, longest * CHARACTER + NODE_PADDING)
