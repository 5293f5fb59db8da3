"""The time that functions take from event to answer: cold, warm, and after a freeze."""

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from rich.table import Table

COLD, WARM, THAWED = "cold", "warm", "thawed"
STATES = (COLD, WARM, THAWED)
MILLISECONDS = 1_000


class Stopwatch:
    """Collects durations by function and state of its environment."""

    def __init__(self) -> None:
        self._durations: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    @contextmanager
    def timing(self, function: str, state: str) -> Iterator[None]:
        """Measure the block."""
        began = time.perf_counter()
        yield
        self._durations[function][state].append((time.perf_counter() - began) * MILLISECONDS)

    def median(self, function: str, state: str) -> float | None:
        """Return the median in milliseconds, or None without a measurement."""
        durations = self._durations[function][state]
        return statistics.median(durations) if durations else None

    def table(self) -> Table:
        """Return all medians as a table."""
        table = Table(title="from event to answer, milliseconds (median)")
        table.add_column("function")
        for state in STATES:
            table.add_column(state, justify="right")
        for function in self._durations:
            medians = [self.median(function, state) for state in STATES]
            table.add_row(function, *("" if each is None else f"{each:.1f}" for each in medians))
        return table
