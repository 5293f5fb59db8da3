"""Writes Mermaid: flowcharts of rows, and class diagrams.

Identifiers are numbered in the order of their first mention, so that no name of the code can
meet a word of Mermaid's, and the same code always gives the same text.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

# Colours of event storming, each with dark text, so that they read on a dark page as well.
STYLES = {
    "behaviour": "fill:#fff3bf,stroke:#e0b400,color:#222",
    "caller": "fill:#f1f3f5,stroke:#868e96,color:#222",
    "change": "fill:#f8f9fa,stroke:#adb5bd,color:#222",
    "contract": "fill:#e5dbff,stroke:#7950f2,color:#222",
    "event": "fill:#ffe0c2,stroke:#e8590c,color:#222",
    "external": "fill:#ffdeeb,stroke:#d6336c,color:#222",
    "function": "fill:#c5f6fa,stroke:#0c8599,color:#222",
    "message": "fill:#d0ebff,stroke:#1c7ed6,color:#222",
    "store": "fill:#d3f9d8,stroke:#2f9e44,color:#222",
}

ESCAPED = str.maketrans(
    {"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "\n": "<br>"}
)

SHAPES = {"box": '["{}"]', "round": '(["{}"])', "store": '[("{}")]', "queue": '[["{}"]]'}

# Close rows and columns: a picture fits a screen of 1280 by 1100 pixels.
FLOWCHART = """---
config:
  flowchart: {nodeSpacing: 18, rankSpacing: 45, wrappingWidth: 420}
---
flowchart LR"""
CLASS_DIAGRAM = """---
config:
  class: {padding: 10, hideEmptyMembersBox: true}
---
classDiagram"""

# The style of each kind of class.
KINDS = {
    "aggregate root": "behaviour",
    "entity": "message",
    "enumeration": "contract",
    "event": "event",
    "port": "external",
    "value object": "store",
}


def words(text: str) -> str:
    """Return text that Mermaid takes as it stands, lines parted by `<br>`."""
    return text.translate(ESCAPED)


@dataclass(frozen=True)
class Node:
    """One shape of a flowchart; equal nodes are one.

    Attributes:
        text: what it says; lines parted by a line feed.
        style: one of `STYLES`.
        shape: one of `SHAPES`.
        row: keeps nodes of equal text apart, so that rows do not cross.
    """

    text: str
    style: str
    shape: str = "box"
    row: str = ""


@dataclass
class Flowchart:
    """Nodes from left to right, joined by arrows."""

    _ids: dict[Node, str] = field(default_factory=dict)
    _lines: list[str] = field(default_factory=list)

    def node(self, node: Node) -> str:
        """Draw a node, once, and return its identifier."""
        if node not in self._ids:
            self._ids[node] = f"n{len(self._ids) + 1}"
            shape = SHAPES[node.shape].format(words(node.text))
            self._lines.append(f"{self._ids[node]}{shape}:::{node.style}")
        return self._ids[node]

    def arrow(self, start: Node, end: Node, label: str = "", *, dashed: bool = False) -> None:
        """Draw an arrow, and its nodes if they are new."""
        line = "-.->" if dashed else "-->"
        text = f'|"{words(label)}"|' if label else ""
        self._lines.append(f"{self.node(start)} {line}{text} {self.node(end)}")

    def path(self, nodes: Sequence[Node]) -> None:
        """Draw an arrow from each node to the next."""
        self.node(nodes[0])
        for start, end in itertools.pairwise(nodes):
            self.arrow(start, end)

    @property
    def drawn(self) -> bool:
        """Something was drawn."""
        return bool(self._ids)

    @property
    def text(self) -> str:
        """The Mermaid source."""
        styles = _styles(node.style for node in self._ids)
        return "\n".join([FLOWCHART, *(f"    {each}" for each in [*self._lines, *styles])])


@dataclass(frozen=True)
class Box:
    """One class of a class diagram.

    Attributes:
        name: of the class; unique in the diagram.
        kind: said above the name.
        members: attributes and methods, a line each; none for a class shown by name alone.
    """

    name: str
    kind: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Relation:
    """A line between two classes.

    Attributes:
        start: the class that knows the other.
        line: in Mermaid's signs, such as `*--`.
        many: how many of the other there are; empty for one.
        end: the other class.
        label: by which attribute.
    """

    start: str
    line: str
    many: str
    end: str
    label: str


def class_diagram(boxes: Sequence[Box], relations: Sequence[Relation], direction: str) -> str:
    """Return a class diagram.

    Args:
        boxes: in the order in which they are drawn.
        relations: between them.
        direction: LR or TB.
    """
    lines = [f"direction {direction}"]
    for box in boxes:
        members = [f"    {member}" for member in box.members]
        style = KINDS.get(box.kind, "change")
        lines += [f"class {box.name}:::{style} {{", f"    <<{box.kind}>>", *members, "}"]
    for each in relations:
        many = f' "{each.many}"' if each.many else ""
        lines.append(f"{each.start} {each.line}{many} {each.end} : {each.label}")
    lines += _styles(KINDS.get(box.kind, "change") for box in boxes)
    return "\n".join([CLASS_DIAGRAM, *(f"    {line}" for line in lines)])


def _styles(used: Iterable[str]) -> list[str]:
    return [f"classDef {name} {STYLES[name]}" for name in sorted(set(used))]
