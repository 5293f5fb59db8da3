"""What goes wrong, and where: drawn from a seed, or given by a list that a shrunk run has left."""

import random
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        kind: what.
        size: from 0 to 1: how long, how much, which of several.
    """

    kind: str
    size: float


Faults = Mapping[int, Fault]
"""Faults by the position at which they happen: calls that leave a process are counted."""

RATES: Mapping[str, Mapping[str, float]] = {
    "read": {"late": 0.06, "frozen": 0.004, "killed": 0.008, "refused": 0.01},
    "write": {
        "late": 0.08,
        "frozen": 0.006,
        "killed": 0.012,
        "killed after": 0.02,
        "refused": 0.012,
        "reply lost": 0.02,
        "not replicated": 0.01,
        "replicated late": 0.03,
        "stepped down": 0.012,
    },
    "send": {
        "late": 0.04,
        "killed": 0.015,
        "killed after": 0.015,
        "refused": 0.03,
        "reply lost": 0.02,
        "in part": 0.02,
    },
    "connect": {"refused": 0.05, "killed": 0.01, "late": 0.05},
    "wave": {"late": 0.08, "frozen": 0.006, "killed": 0.015, "killed after": 0.03},
    "publish": {"nacked": 0.02, "returned": 0.01, "confirm lost": 0.03, "lost": 0.02},
    "queue": {"doubled": 0.04, "late": 0.08, "dropped": 0.03},
    "deliver": {"late": 0.08, "acknowledgement lost": 0.04},
    "machine": {"fast": 0.1, "slow": 0.1},
    "answer": {"repeated": 0.1},
}


class Chance:
    """Decides at each position whether something goes wrong there.

    Args:
        seed: from which it is drawn.
        faults: instead of drawing, what goes wrong.

    Attributes:
        taken: what has gone wrong so far.
        is_on: while not, nothing goes wrong.
    """

    def __init__(self, seed: int, faults: Faults | None = None) -> None:
        self._given = faults
        self._random = random.Random(f"{seed} faults")  # noqa: S311 - a simulation
        self.taken: dict[int, Fault] = {}
        self.is_on = True
        self._position = 0
        self._tables = {place: self._table(rates) for place, rates in RATES.items()}

    def fault(self, place: str) -> Fault | None:
        """Return what goes wrong at the next position; None for nothing.

        Args:
            place: what happens there, of RATES.
        """
        self._position += 1
        if not self.is_on:
            return None
        if self._given is not None:
            fault = self._given.get(self._position)
            if fault is None or fault.kind not in RATES[place]:
                return None
        else:
            fault = self._drawn(place)
        if fault is not None:
            self.taken[self._position] = fault
        return fault

    def _drawn(self, place: str) -> Fault | None:
        total, table = self._tables[place]
        drawn = self._random.random()
        if drawn >= total:
            return None
        for kind, rate in table:
            drawn -= rate
            if drawn < 0:
                return Fault(kind, self._random.random())
        return None

    def _table(self, rates: Mapping[str, float]) -> tuple[float, list[tuple[str, float]]]:
        """Return rates of this run's own: in each, some kinds are rare or missing, others frequent.

        Runs that are all alike would find less.
        """
        table = [
            (kind, rate * self._random.choice((0.0, 0.3, 1.0, 1.0, 3.0)))
            for kind, rate in rates.items()
        ]
        return sum(rate for _, rate in table), table
