"""Pages that lie elsewhere in the repository, and what becomes of the links in them."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from . import ROOT

LINK = re.compile(r"\]\((?!\w+:|#)(?P<path>[^)#\s]+)(?P<anchor>#[^)\s]+)?\)")

PLACES: Mapping[str, str] = {
    "CHANGELOG.md": "reference/changelog.md",
    "foundation/benchmarks/results/*.md": "explanation/measurements/",
    "foundation/carafe/development/pages/0*.md": "how-to/phases/",
    "foundation/carafe/development/pages/[a-z]*.md": "how-to/",
    "foundation/carafe/development/pages/lending.yaml": "how-to/phases/",
    "foundation/docs/from-0.1.*": "how-to/",
    "foundation/docs/protocol*.md": "explanation/",
    "foundation/docs/public-surface.md": "reference/",
    "memory-bank/decisions/*.md": "explanation/decisions/",
}
"""Where files of the repository stand in the site; a place that ends in a slash is a folder."""


def places() -> dict[str, str]:
    """Return the place in the site of each included file.

    Raises:
        ValueError: there is none of some kind.
    """
    found = dict(_places())
    for pattern in PLACES:
        if not any(ROOT.glob(pattern)):
            raise ValueError(f"documentation/included.py: there is no {pattern}")
    return found


def _places() -> Iterator[tuple[str, str]]:
    for pattern, place in PLACES.items():
        for path in sorted(ROOT.glob(pattern)):
            yield path.relative_to(ROOT).as_posix(), place + (path.name if place[-1] == "/" else "")


def pages() -> dict[str, str]:
    """Return the text of each included page, by its place in the site.

    Raises:
        ValueError: a page links to a file that is not in the site.
    """
    known = places()
    return {place: _moved(path, known) for path, place in known.items()}


def _moved(path: str, known: Mapping[str, str]) -> str:
    """Return a file's text, with links that lead to the same pages from its place in the site."""
    text = (ROOT / path).read_text(encoding="utf-8")
    if Path(path).suffix != ".md":
        return text
    here = posixpath.dirname(known[path])

    def link(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), match["path"]))
        if target not in known:
            raise ValueError(f"{path} links to {target}, which documentation/included.py lacks")
        return f"]({posixpath.relpath(known[target], here)}{match['anchor'] or ''})"

    return LINK.sub(link, text)
