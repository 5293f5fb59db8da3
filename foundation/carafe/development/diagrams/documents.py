"""The documents of the folder `diagrams`: their text, and how the files differ from it."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HEADER = "Drawn from the code by `carafe diagrams`; change the code, not this page."


@dataclass(frozen=True)
class Section:
    """A section with a diagram, a table, or both.

    Attributes:
        title: its heading.
        text: a sentence about it; empty for none.
        diagram: Mermaid source; empty for none.
        table: rows of cells, the heading first; empty for none.
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
            heading, *rows = self.table
            rule = ["---"] * len(heading)
            lines += ["", *map(_row, (heading, rule, *rows))]
        return lines


@dataclass(frozen=True)
class Document:
    """A file of the folder `diagrams`.

    Attributes:
        name: the name of the file.
        title: its heading.
        sections: in order.
        is_optional: there is no file without a section.
    """

    name: str
    title: str
    sections: tuple[Section, ...]
    is_optional: bool = False

    @property
    def text(self) -> str:
        """The text of the file; empty if there is to be none."""
        if self.is_optional and not self.sections:
            return ""
        lines = [f"# {self.title}", "", HEADER]
        for section in self.sections:
            lines += section.lines()
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class StaleFile:
    """A file that differs from the document drawn from the code, or is missing.

    Attributes:
        path: of the file.
        text: of the document; empty if the file is to go.
        diff: the difference as lines of a unified diff.
    """

    path: Path
    text: str
    diff: tuple[str, ...]


def stale_files(documents: Sequence[Document], folder: Path) -> list[StaleFile]:
    """Return the files that differ from the documents, or are missing."""
    return [
        StaleFile(path, document.text, _difference(present, document))
        for document in documents
        if (present := _read(path := folder / document.name)) != document.text
    ]


def write(files: Sequence[StaleFile]) -> None:
    """Write the text of the documents into their files, or remove those that are to go.

    Raises:
        OSError: a file cannot be written or removed.
    """
    for each in files:
        if each.text:
            each.path.parent.mkdir(exist_ok=True)
            each.path.write_text(each.text, encoding="utf-8")
        else:
            each.path.unlink()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _difference(present: str, document: Document) -> tuple[str, ...]:
    lines = difflib.unified_diff(
        present.splitlines(), document.text.splitlines(), "present", "code", lineterm="", n=1
    )
    return tuple(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"
