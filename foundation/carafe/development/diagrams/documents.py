"""Documents of diagrams: their text, and how it differs from what lies in the folder."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MADE_BY = "Drawn from the code by `carafe diagrams`; change the code, not this page."


@dataclass(frozen=True)
class Section:
    """A picture or a table with its heading.

    Attributes:
        title: of the section.
        text: a sentence about it; may be empty.
        diagram: Mermaid source; empty for none.
        table: rows of cells, the first one the heading; empty for none.
    """

    title: str
    text: str = ""
    diagram: str = ""
    table: tuple[tuple[str, ...], ...] = ()

    def lines(self) -> list[str]:
        """Return the section as Markdown."""
        lines = ["", f"## {self.title}"]
        if self.text:
            lines += ["", self.text]
        if self.diagram:
            lines += ["", "```mermaid", *self.diagram.splitlines(), "```"]
        if self.table:
            head, *body = self.table
            lines += ["", _row(head), _row(["---"] * len(head)), *(_row(each) for each in body)]
        return lines


@dataclass(frozen=True)
class Document:
    """One file of the folder `diagrams`.

    Attributes:
        name: of the file.
        title: its heading.
        sections: in order.
    """

    name: str
    title: str
    sections: tuple[Section, ...]

    @property
    def text(self) -> str:
        """The whole file."""
        lines = [f"# {self.title}", "", MADE_BY]
        for section in self.sections:
            lines += section.lines()
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Stale:
    """A file that is not what the code says.

    Attributes:
        path: where it lies, or would.
        text: what it should hold.
        diff: how the two differ, a line each.
    """

    path: Path
    text: str
    diff: tuple[str, ...]


def stale(documents: Sequence[Document], folder: Path) -> list[Stale]:
    """Return the files that differ from the documents, missing ones among them."""
    return [
        Stale(path, document.text, _difference(present, document))
        for document in documents
        if (present := _read(path := folder / document.name)) != document.text
    ]


def write(files: Sequence[Stale]) -> None:
    """Make files say what the code says.

    Raises:
        OSError: one cannot be written.
    """
    for each in files:
        each.path.parent.mkdir(exist_ok=True)
        each.path.write_text(each.text, encoding="utf-8")


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _difference(present: str, document: Document) -> tuple[str, ...]:
    lines = difflib.unified_diff(
        present.splitlines(), document.text.splitlines(), "present", "code", lineterm="", n=1
    )
    return tuple(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"
