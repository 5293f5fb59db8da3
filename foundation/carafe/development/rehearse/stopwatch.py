"""How long the functions take, from event to answer: first, warm, and after a freeze."""

import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from rich.table import Table

COLD, WARM, THAWED = "cold", "warm", "thawed"
KINDS = (COLD, WARM, THAWED)
MILLISECONDS = 1_000


class Stopwatch:
    """Collects durations, by function and kind."""

    def __init__(self) -> None:
        self._taken: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))

    @contextmanager
    def timing(self, function: str, kind: str) -> Iterator[None]:
        """Take the time of the block."""
        began = time.perf_counter()
        yield
        self._taken[function][kind].append((time.perf_counter() - began) * MILLISECONDS)

    def median(self, function: str, kind: str) -> float | None:
        """Return the median in milliseconds, if anything was taken."""
        taken = self._taken[function][kind]
        return statistics.median(taken) if taken else None

    def table(self) -> Table:
        """Return all medians as a table."""
        table = Table(title="from event to answer, milliseconds (median)")
        table.add_column("function")
        for kind in KINDS:
            table.add_column(kind, justify="right")
        for function in self._taken:
            medians = [self.median(function, kind) for kind in KINDS]
            table.add_row(function, *("" if each is None else f"{each:.1f}" for each in medians))
        return table
