"""The promises, and the list of the decisions."""

import re

from . import ROOT

DECISIONS = "explanation/decisions/"

PROMISES = """\
# The promises

Each has a test that was seen to fail when the safeguard behind it is taken out.

"""

MORE = """
What a model checker has visited of them stands in [the protocol](protocol.md), why they are kept
as they are in [the decisions](decisions/index.md).
"""

INDEX = """\
# Decisions

One page for each: why it was to be decided, what was, and what follows. Numbers that are missing
were given up.

"""

TITLE = re.compile(r"^# (\d{4})\. (.+)$", re.MULTILINE)


def promises() -> str:
    """Return the page with the promises, as the project brief has them."""
    brief = (ROOT / "memory-bank" / "projectbrief.md").read_text(encoding="utf-8")
    rows = [line for line in brief.splitlines() if line.startswith("| G")]
    return PROMISES + "\n".join(["| | |", "|---|---|", *rows]) + "\n" + MORE


def decisions() -> dict[str, str]:
    """Return the title of each decision, by its place in the site.

    Raises:
        ValueError: one has no number and title.
    """
    titles = {}
    for path in sorted((ROOT / "memory-bank" / "decisions").glob("*.md")):
        match = TITLE.match(path.read_text(encoding="utf-8"))
        if match is None:
            raise ValueError(f"{path} does not begin with its number and title")
        titles[DECISIONS + path.name] = f"{match[1]}. {match[2]}"
    return titles


def index() -> str:
    """Return the list of the decisions."""
    rows = [f"- [{title}]({place.removeprefix(DECISIONS)})" for place, title in decisions().items()]
    return INDEX + "\n".join(rows) + "\n"
