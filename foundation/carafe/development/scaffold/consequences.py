"""What follows from new code for stored documents, for other services and for callers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from carafe.development.contracts.requirements import new_requirements
from carafe.development.contracts.snapshot import Snapshot

from .pictures import run_modules

CONTRACTS = ["carafe.development.contracts"]


@dataclass(frozen=True)
class Consequences:
    """What others have to know of.

    Attributes:
        breaks: what is broken of stored documents, and of released contracts.
        requirements: the fields without which commands are refused from now on.
    """

    breaks: Sequence[str] = ()
    requirements: Sequence[str] = ()


def consequences(root: Path, copy: Path) -> Consequences:
    """Return what follows from the code of a copy.

    Args:
        root: of the service, with the code as it was before.
        copy: of the service, with the new code.
    """
    before, present, *checks = run_modules(
        (root, CONTRACTS),
        (copy, CONTRACTS),
        (copy, ["carafe", "database", "check"]),
        (copy, ["carafe", "contracts", "check"]),
    )
    lines = [line for each in checks for line in each.stdout.splitlines()]
    breaks = [line.removeprefix("break").strip() for line in lines if line.startswith("break ")]
    return Consequences(breaks, _requirements(before.stdout, present.stdout))


def _requirements(before: str, present: str) -> list[str]:
    """Return a sentence for each field; none if one side's code does not work."""
    if not (before and present):
        return []
    old, new = _snapshot(before), _snapshot(present)
    return [
        f"{command} is refused without {field} from now on: callers who do not send it get a 422"
        for command, field in new_requirements(old, new)
    ]


def _snapshot(text: str) -> Snapshot:
    snapshot: Snapshot = json.loads(text)
    return snapshot
