"""Reads and changes the checklist of phases in `memory-bank/progress.md`, byte by byte.

Its section is headed `## Workflow Progress`; each step reads `- [ ] 05 - Infrastructure
Implementation`, with an x between the brackets when it is complete.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from carafe.development.expected_error import ExpectedError

from .phases import PHASES, Phase

HEADING = "## Workflow Progress"

COMPLETE, OPEN = b"x", b" "

_HEADING = re.compile(rb"#{1,2}[ \t]")
_FENCE = re.compile(rb" {0,3}(```|~~~)")
_STEP = re.compile(rb"- \[(?P<mark>[ xX])\] (?P<step>.*?)[ \t]*\r?\n?")


class NoSteps(ExpectedError):
    """The file does not have the checklist of the seven phases."""


@dataclass(frozen=True)
class Step:
    """One step of the checklist.

    Attributes:
        phase: its phase.
        is_complete: whether it is complete.
        position: the position of the mark between the brackets in the file, in bytes.
    """

    phase: Phase
    is_complete: bool
    position: int


def steps_of(content: bytes) -> list[Step]:
    """Return the seven steps, in order.

    Raises:
        NoSteps: the section or a step is missing, or a step is there twice.
    """
    phases = {str(phase).encode(): phase for phase in PHASES}
    steps: dict[Phase, Step] = {}
    for start, line in _section(content):
        match = _STEP.fullmatch(line)
        phase = phases.get(match["step"]) if match else None
        if match is None or phase is None:
            continue
        if phase in steps:
            raise NoSteps(f"memory-bank/progress.md has the step '{phase}' twice: remove one.")
        steps[phase] = Step(phase, match["mark"] != OPEN, start + match.start("mark"))
    missing = [f"'- [ ] {phase}'" for phase in PHASES if phase not in steps]
    if missing:
        raise NoSteps(
            f"memory-bank/progress.md has no {missing[0]} below '{HEADING}': add that line."
        )
    return [steps[phase] for phase in PHASES]


def complete_step(content: bytes, phase: Phase) -> bytes:
    """Return the file with a step complete and all later ones open; no other bytes change.

    Raises:
        NoSteps: as `steps_of`.
    """
    marks: Mapping[int, bytes] = {
        step.position: COMPLETE if step.phase == phase else OPEN
        for step in steps_of(content)
        if step.phase.number >= phase.number
    }
    changed = bytearray(content)
    for position, mark in marks.items():
        changed[position : position + 1] = mark
    return bytes(changed)


def _section(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of the section with their positions; headings in code blocks do not count."""
    in_section = in_fence = False
    start = 0
    for line in content.splitlines(keepends=True):
        if _FENCE.match(line):
            in_fence = not in_fence
        elif not in_fence and _HEADING.match(line):
            if in_section:
                return
            in_section = line.strip().decode(errors="replace") == HEADING
        elif in_section and not in_fence:
            yield start, line
        start += len(line)
