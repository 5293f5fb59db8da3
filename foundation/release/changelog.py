"""CHANGELOG.md: a dated section for the version, and nothing left over."""

import re
from datetime import date
from pathlib import Path

NAME = "CHANGELOG.md"
HEADING = re.compile(r"^## \[(?P<name>[^\]]+)\](?: - (?P<date>.*))?$", re.MULTILINE)
UNRELEASED = "Unreleased"


def sections(text: str) -> dict[str, tuple[str, str]]:
    """Return each section's date and text, by its name, in the order of the file."""
    parts = HEADING.split(text)[1:]
    return {
        name: (day or "", body.strip())
        for name, day, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    }


def section_of(tree: Path, version: str) -> str:
    """Return what the changelog says of a version; empty if it says nothing."""
    return sections((tree / NAME).read_text("utf-8")).get(version, ("", ""))[1]


def faults(tree: Path, version: str) -> list[str]:
    """Return what keeps the changelog from being that of a released version."""
    every = sections((tree / NAME).read_text("utf-8"))
    found = []
    if every.get(UNRELEASED, ("", ""))[1]:
        found.append(f"{NAME}: move what [{UNRELEASED}] holds into [{version}]")
    day, body = every.get(version, ("", ""))
    if not body:
        return [*found, f"{NAME}: a section [{version}] is missing, or empty"]
    if next(name for name in every if name != UNRELEASED) != version:
        found.append(f"{NAME}: [{version}] has to be the first version")
    if not _is_date(day):
        found.append(f"{NAME}: give [{version}] its date, as in `## [{version}] - 2026-01-31`")
    return found


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
