"""The checklist of phases in `memory-bank/progress.md`, read and changed byte by byte.

Its section is headed `## Workflow Progress`; each step reads `- [ ] 05 - Infrastructure
Implementation`, with an x between the brackets when it is complete.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from .phases import PHASES, Phase

HEADING = "## Workflow Progress"

DONE, OPEN = b"x", b" "

_HEADING = re.compile(rb"#{1,2}[ \t]")
_FENCE = re.compile(rb" {0,3}(```|~~~)")
_STEP = re.compile(rb"- \[(?P<mark>[ xX])\] (?P<step>.*?)[ \t]*\r?\n?")


class NoSteps(Exception):
    """The file has no checklist of exactly the seven phases."""


@dataclass(frozen=True)
class Step:
    """One step of the checklist.

    Attributes:
        phase: what it is about.
        done: it is complete.
        position: in the file, of the mark between the brackets, in bytes.
    """

    phase: Phase
    done: bool
    position: int


def steps_of(content: bytes) -> list[Step]:
    """Return the seven steps, in order.

    Raises:
        NoSteps: the section or a step is missing, or a step stands twice.
    """
    known = {str(phase).encode(): phase for phase in PHASES}
    found: dict[Phase, Step] = {}
    for start, line in _section(content):
        match = _STEP.fullmatch(line)
        phase = known.get(match["step"]) if match else None
        if match is None or phase is None:
            continue
        if phase in found:
            raise NoSteps(f"memory-bank/progress.md has the step '{phase}' twice: remove one.")
        found[phase] = Step(phase, match["mark"] != OPEN, start + match.start("mark"))
    missing = [f"'- [ ] {phase}'" for phase in PHASES if phase not in found]
    if missing:
        raise NoSteps(
            f"memory-bank/progress.md has no {missing[0]} below '{HEADING}': add that line."
        )
    return [found[phase] for phase in PHASES]


def completed(content: bytes, phase: Phase) -> bytes:
    """Return the file with a step complete and all later ones open; no other byte changes.

    Raises:
        NoSteps: as `steps_of`.
    """
    marks: Mapping[int, bytes] = {
        step.position: DONE if step.phase == phase else OPEN
        for step in steps_of(content)
        if step.phase.number >= phase.number
    }
    changed = bytearray(content)
    for position, mark in marks.items():
        changed[position : position + 1] = mark
    return bytes(changed)


def _section(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of the section, and where they start; code blocks hold no headings."""
    inside = fenced = False
    start = 0
    for line in content.splitlines(keepends=True):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and _HEADING.match(line):
            if inside:
                return
            inside = line.strip().decode(errors="replace") == HEADING
        elif inside and not fenced:
            yield start, line
        start += len(line)
