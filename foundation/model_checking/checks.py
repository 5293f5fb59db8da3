"""What is checked, and how it is to come out."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .safeguards import SAFEGUARDS, Safeguard
from .scopes import Scope
from .spin import Tools, Visit, find_shortest, visit, visit_cycles

AT_ONCE = 2

# Who is who matters in a story, so states that differ by it are not one.
_TOLD = {"TOLD": 1}


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the model.

    Attributes:
        name: what is checked.
        bounds: of which size; for a safeguard, the constant that takes it out.
        run: checks it in an empty folder.
        is_to_break: whether a promise is to be found broken, as without a safeguard.
        safeguard: which one is taken out; None for none.
    """

    name: str
    bounds: str
    run: Callable[[Path], Visit]
    is_to_break: bool = False
    safeguard: Safeguard | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a check.

    Attributes:
        check: which one.
        visit: what it has shown.
        seconds: how long it took.
    """

    check: Check
    visit: Visit
    seconds: float

    @property
    def is_expected(self) -> bool:
        """Whether it came out as it should."""
        return self.visit.is_violated == self.check.is_to_break


def checks_of(tools: Tools, scopes: Sequence[Scope]) -> list[Check]:
    """Return the checks: of the protocol as it is, then without each safeguard.

    Args:
        tools: the programs.
        scopes: sizes of the protocol as it is.
    """
    checks = []
    for scope in scopes:
        checks.append(Check(scope.name, scope.bounds, partial(visit, tools, size=scope.size)))
        run = partial(visit_cycles, tools, size=scope.size)
        checks.append(Check(f"{scope.name}: every run ends", scope.bounds, run))
    for each in SAFEGUARDS:
        size = each.size | {each.switch: 1}
        run = partial(visit, tools, size=size)
        if each.is_needed:
            run = partial(find_shortest, tools, size=size | _TOLD)
        checks.append(Check(each.name, each.switch, run, each.is_needed, each))
    return checks


def outcomes_of(checks: Sequence[Check]) -> Iterator[Outcome]:
    """Run checks, two at once, and yield their outcomes in order.

    Raises:
        NotChecked: one could not be carried out.
    """
    with (
        tempfile.TemporaryDirectory(prefix="carafe-model-") as folder,
        ThreadPoolExecutor(AT_ONCE) as executor,
    ):
        folders = [Path(folder) / str(number) for number in range(len(checks))]
        yield from executor.map(_outcome_of, checks, folders)


def _outcome_of(check: Check, folder: Path) -> Outcome:
    began_at = time.monotonic()
    folder.mkdir()
    visit = check.run(folder)
    shutil.rmtree(folder)
    return Outcome(check, visit, time.monotonic() - began_at)
