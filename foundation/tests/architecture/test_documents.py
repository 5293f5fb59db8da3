"""Documents lead where they say."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.places import ROOT

LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)(?:#[^)\s]*)?\)")
ELSEWHERE = {".venv", ".local", "build", "node_modules", "site"}
"""What others wrote; and the pages of the site, whose links are checked when it is built."""


def documents() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*.md")):
        inner = path.relative_to(ROOT).parts
        if not ELSEWHERE & set(inner) and not any(each.startswith(".") for each in inner):
            yield path


@pytest.mark.parametrize(
    "document", [pytest.param(each, id=str(each.relative_to(ROOT))) for each in documents()]
)
def test_every_link_leads_to_a_file(document: Path) -> None:
    targets = LINK.findall(document.read_text(encoding="utf-8"))
    assert [each for each in targets if not (document.parent / each).exists()] == []


def test_links_are_found() -> None:
    text = "[a](b.md) [c](https://example.com) [d](../e.md#f) [g](#h)"
    assert LINK.findall(text) == ["b.md", "../e.md"]
