"""What follows from new code for stored documents, for other services and for callers."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from carafe.development.contracts.requirements import new_requirements
from carafe.development.contracts.snapshot import Snapshot

from .pictures import TRIAL, run_modules, trial_of

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


def tried(root: Path, copy: Path) -> tuple[dict[str, str], Consequences]:
    """Return the diagrams of a copy's code by the names of their files, and what follows from it.

    Args:
        root: of the service, with the code as it was before.
        copy: of the service, with the new code.

    Raises:
        NotDrawn: the new code does not work.
    """
    before, result = run_modules((root, CONTRACTS), (copy, TRIAL))
    trial = trial_of(result)
    requirements = _requirements(_snapshot(before.stdout), trial["contracts"])
    return trial["diagrams"], Consequences(trial["breaks"], requirements)


def _requirements(old: Snapshot | None, new: Snapshot | None) -> list[str]:
    """Return a sentence for each field; none if one side's code does not work."""
    if old is None or new is None:
        return []
    return [
        f"{command} is refused without {field} from now on: callers who do not send it get a 422"
        for command, field in new_requirements(old, new)
    ]


def _snapshot(text: str) -> Snapshot | None:
    snapshot: Snapshot | None = json.loads(text) if text else None
    return snapshot
