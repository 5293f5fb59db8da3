"""Flowcharts and class diagrams as Mermaid source.

Identifiers are numbered in the order of their first use, so that no name of the code can clash
with a keyword of Mermaid, and the same code always gives the same text.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

# The colours of event storming, with dark text, which is readable on a dark page as well.
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
    "timer": "fill:#e3fafc,stroke:#1098ad,color:#222",
}

ESCAPED = str.maketrans(
    {"#": "#35;", "&": "#amp;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "\n": "<br>"}
)

SHAPES = {"box": '["{}"]', "round": '(["{}"])', "store": '[("{}")]', "queue": '[["{}"]]'}

# Narrow spacing, so that a diagram fits a screen of 1280 by 1100 pixels.
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

# The style of each stereotype.
CLASS_STYLES = {
    "aggregate root": "behaviour",
    "command": "message",
    "entity": "message",
    "enumeration": "contract",
    "event": "event",
    "port": "external",
    "process": "behaviour",
    "value object": "store",
}


def escape(text: str) -> str:
    """Return a text escaped for Mermaid, with `<br>` between lines."""
    return text.translate(ESCAPED)


@dataclass(frozen=True)
class Node:
    """A shape of a flowchart; equal nodes are drawn once.

    Attributes:
        text: its lines, separated by line feeds.
        style: one of `STYLES`.
        shape: one of `SHAPES`.
        row: separates nodes with the same text, so that rows do not cross.
    """

    text: str
    style: str
    shape: str = "box"
    row: str = ""


@dataclass
class Flowchart:
    """Nodes from left to right, connected by arrows."""

    _ids: dict[Node, str] = field(default_factory=dict)
    _lines: list[str] = field(default_factory=list)

    def node(self, node: Node) -> str:
        """Draw a node, once, and return its identifier."""
        if node not in self._ids:
            self._ids[node] = f"n{len(self._ids) + 1}"
            shape = SHAPES[node.shape].format(escape(node.text))
            self._lines.append(f"{self._ids[node]}{shape}:::{node.style}")
        return self._ids[node]

    def arrow(self, start: Node, end: Node, label: str = "", *, dashed: bool = False) -> None:
        """Draw an arrow, once, and those of its nodes that are new."""
        line = "-.->" if dashed else "-->"
        text = f'|"{escape(label)}"|' if label else ""
        arrow = f"{self.node(start)} {line}{text} {self.node(end)}"
        if arrow not in self._lines:
            self._lines.append(arrow)

    def path(self, nodes: Sequence[Node]) -> None:
        """Draw an arrow from each node to the next."""
        self.node(nodes[0])
        for start, end in itertools.pairwise(nodes):
            self.arrow(start, end)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was drawn."""
        return not self._ids

    @property
    def text(self) -> str:
        """The Mermaid source."""
        lines = [*self._lines, *styles(node.style for node in self._ids)]
        return "\n".join([FLOWCHART, *(f"    {each}" for each in lines)])


@dataclass(frozen=True)
class Box:
    """A class of a class diagram.

    Attributes:
        name: of the class; unique in the diagram.
        stereotype: shown above the name.
        members: attributes and methods, a line each; empty to show the name alone.
    """

    name: str
    stereotype: str
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Relation:
    """A line between two classes.

    Attributes:
        start: the class that refers to the other.
        line: in Mermaid's notation, such as `*--`.
        many: the multiplicity of the other class; empty for one.
        end: the other class.
        label: the attribute.
    """

    start: str
    line: str
    many: str
    end: str
    label: str


def class_diagram(boxes: Sequence[Box], relations: Sequence[Relation], direction: str) -> str:
    """Return a class diagram.

    Args:
        boxes: in drawing order.
        relations: between them.
        direction: LR or TB.
    """
    lines = [f"direction {direction}"]
    for box in boxes:
        members = [f"    {member}" for member in box.members]
        style = CLASS_STYLES.get(box.stereotype, "change")
        lines += [f"class {box.name}:::{style} {{", f"    <<{box.stereotype}>>", *members, "}"]
    for each in relations:
        many = f' "{each.many}"' if each.many else ""
        lines.append(f"{each.start} {each.line}{many} {each.end} : {each.label}")
    lines += styles(CLASS_STYLES.get(box.stereotype, "change") for box in boxes)
    return "\n".join([CLASS_DIAGRAM, *(f"    {line}" for line in lines)])


def styles(used: Iterable[str]) -> list[str]:
    """Return the lines that define the styles used."""
    return [f"classDef {name} {STYLES[name]}" for name in sorted(set(used))]
