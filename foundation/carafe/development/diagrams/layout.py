"""Keeps diagrams within a screen: estimates their size, splits and folds them.

The figures are pixels, measured on diagrams in Mermaid's default font.
"""

import dataclasses
import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from .mermaid import Box, Flowchart, Node, Relation

T = TypeVar("T")

# Somewhat less than a screen of 1280 by 1100, since the estimates are rough.
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

# Lengths of lines in characters, tried in turn until a diagram is narrow enough.
LONGEST_LINES = (80, 40, 34, 28, 24, 20, 16)
LONGEST_MEMBERS = (46, 40, 34, 28, 24)

# Where a name may be folded: after a punctuation mark, or before a capital.
_FOLD = re.compile(r"(?<=[._/ -])(?=.)|(?<=[a-z0-9])(?=[A-Z])")


def rows(paths: Sequence[Sequence[Node]]) -> str:
    """Return a flowchart with a row for each path; long names are folded."""
    chart = Flowchart()
    for path in _fit(paths):
        chart.path(path)
    return "" if chart.is_empty else chart.text


def rows_height(paths: Sequence[Sequence[Node]]) -> int:
    """Return the height of a flowchart of paths."""
    return sum(
        max(node.text.count("\n") + 1 for node in path) * LINE + ROW_GAP for path in paths if path
    )


def box_height(box: Box) -> int:
    """Return the height of a class."""
    return BOX_GAP + LINE * len(box.members)


def pages(items: Sequence[T], height_of: Callable[[T], int]) -> list[list[T]]:
    """Split items into as few diagrams as a screen allows, each about equally high."""
    heights = [height_of(item) for item in items]
    fewest = len(_fill(items, heights, HIGHEST))
    average = sum(heights) // max(fewest, 1)
    for limit in range(average, HIGHEST, LINE):
        parts = _fill(items, heights, limit)
        if len(parts) <= fewest:
            return parts
    return _fill(items, heights, HIGHEST)


def _fill(items: Sequence[T], heights: Sequence[int], limit: int) -> list[list[T]]:
    """Split items into parts of at most a height; each part has at least one item."""
    parts: list[list[T]] = []
    used = 0
    for item, height in zip(items, heights, strict=True):
        if not parts or used + height > limit:
            parts.append([])
            used = 0
        parts[-1].append(item)
        used += height
    return parts


def narrow(columns: Sequence[Sequence[Box]], relations: Sequence[Relation]) -> list[Box]:
    """Return the classes of columns, with members shortened until the columns fit a screen."""
    label = max((len(each.label) for each in relations), default=0)
    gaps = (len(columns) - 1) * (COLUMN_GAP * 2 + label * CHARACTER)
    result = columns
    for longest in LONGEST_MEMBERS:
        result = [[_shorten(box, longest) for box in column] for column in columns]
        if sum(max(map(_box_width, column), default=0) for column in result) + gaps <= WIDEST:
            break
    return [box for column in result for box in column]


def _shorten(box: Box, longest: int) -> Box:
    return dataclasses.replace(
        box, members=tuple(_shorten_member(each, longest) for each in box.members)
    )


def _shorten_member(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    name, parenthesis, _ = text.partition("(")
    if parenthesis and len(name) + 3 <= longest:
        return f"{name}(…)"
    return f"{name[: longest - 4]}…(…)" if parenthesis else f"{text[: longest - 1]}…"


def _box_width(box: Box) -> float:
    words = [f"«{box.stereotype}»", box.name, *box.members]
    return max(map(len, words)) * CHARACTER + CLASS_PADDING


def fold(text: str, longest: int) -> str:
    """Return a text with long lines broken between words, never within one."""
    lines = []
    for line in text.split("\n"):
        lines.append("")
        for part in _FOLD.split(line):
            if lines[-1] and len(lines[-1]) + len(part) > longest:
                lines.append("")
            lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def _fit(paths: Sequence[Sequence[Node]]) -> Sequence[Sequence[Node]]:
    result = paths
    for longest in LONGEST_LINES:
        result = [
            [dataclasses.replace(node, text=fold(node.text, longest)) for node in path]
            for path in paths
        ]
        if _width(result) <= WIDEST:
            break
    return result


def _width(paths: Sequence[Sequence[Node]]) -> float:
    count = max((len(path) for path in paths), default=0)
    columns = [[path[index] for path in paths if len(path) > index] for index in range(count)]
    return sum(max(map(_node_width, nodes)) + COLUMN_GAP for nodes in columns)


def _node_width(node: Node) -> float:
    longest = max(len(line) for line in node.text.split("\n"))
    return max(NODE_WIDTH, longest * CHARACTER + NODE_PADDING)
