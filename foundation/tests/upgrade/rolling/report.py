"""What a run found: the figures of each phase, and a sentence for each fault."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .load import Ledger
from .reconciliation import Reconciliation

MOST_FAULTS = 20


@dataclass
class Phase:
    """A part of the run.

    Attributes:
        name: for people.
        began, ended: in seconds since 1970.
    """

    name: str
    began: float
    ended: float = 0.0

    def count(self, times: Sequence[float]) -> int:
        """Return how many of these times lie in it."""
        return sum(self.began <= each < self.ended for each in times)


@dataclass
class Report:
    """What a run found.

    Attributes:
        faults: a sentence for each.
        lines: the figures.
    """

    faults: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return everything for a person."""
        count = f"{len(self.faults)} faults"
        return "\n".join([*self.lines, count, *self.faults[:MOST_FAULTS]])


def figures(phases: Sequence[Phase], ledger: Ledger, found: Reconciliation) -> Iterator[str]:
    """Yield a line for each phase, and one for what holds of the whole run."""
    columns = {
        "commands": ledger.answered_at,
        "events": [_seconds(each["time"]) for each in found.arrived],
        "timers": [_seconds(each["time"]) for each in found.timer_calls],
        "processes": [
            each["ended_at"].timestamp()
            for each in found.documents["fulfilments"].values()
            if each.get("ended_at")
        ],
    }
    yield f"{'phase':16}{'seconds':>10}" + "".join(f"{each:>10}" for each in columns)
    for phase in [*phases, Phase("all", phases[0].began, phases[-1].ended)]:
        counts = "".join(f"{phase.count(each):10}" for each in columns.values())
        yield f"{phase.name:16}{phase.ended - phase.began:10.1f}{counts}"
    repeated = len(found.arrived) - len({each["id"] for each in found.arrived})
    yield (
        f"{len(found.fates)} aggregates; {ledger.repeats} commands sent again after no answer or "
        f"503; {repeated} deliveries of an event beyond its first; "
        f"{found.notes_of_the_new_version} notes of the new version kept"
    )


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()
