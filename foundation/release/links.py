"""Links between documents: each leads to a file, and to a heading of it."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

LINK = re.compile(r"\]\((?!https?://|mailto:)(?P<path>[^)#\s]*)(?:#(?P<anchor>[^)\s]+))?\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
MADE_HERE = {"build", "dist", "node_modules"}
CHECKED_ELSEWHERE = {"site"}
"""Pages that link to generated ones: `make docs` checks them where those are."""


def documents(root: Path) -> Iterator[Path]:
    """Yield the documents of a tree that people write."""
    for path in sorted(root.rglob("*.md")):
        inner = path.relative_to(root).parts
        left_out = (MADE_HERE | CHECKED_ELSEWHERE) & set(inner)
        if not left_out and not any(each.startswith(".") for each in inner):
            yield path


def faults(root: Path) -> list[str]:
    """Return the links of a tree that lead nowhere."""
    return [
        f"{document.relative_to(root)}: the link {link} leads nowhere"
        for document in documents(root)
        for link in broken_links(document)
    ]


def broken_links(document: Path) -> list[str]:
    """Return the links of a document that lead to no file, or to no heading of one."""
    return [
        f"{path}#{anchor}" if anchor else path
        for path, anchor in links(document.read_text("utf-8"))
        if not _leads(document.parent / path if path else document, anchor)
    ]


def links(text: str) -> list[tuple[str, str]]:
    """Return paths and anchors of the links inside a tree; either may be empty."""
    return [each for each in LINK.findall(FENCED.sub("", text)) if any(each)]


def _leads(target: Path, anchor: str) -> bool:
    if not anchor or target.suffix != ".md":
        return target.exists()
    return target.is_file() and anchor in _anchors(target.read_text("utf-8"))


def _anchors(text: str) -> set[str]:
    """Return the headings as links name them: https://github.com/gjtorikian/html-pipeline."""
    found: set[str] = set()
    doubles: Counter[str] = Counter()
    for heading in HEADING.findall(FENCED.sub("", text)):
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(f"{anchor}-{doubles[anchor]}" if doubles[anchor] else anchor)
        doubles[anchor] += 1
    return found
