"""The rounds: each request with each number of connections, on both sides in turns."""

import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from . import load
from .bench import GET, LIST, PATIENCE_SECONDS, POST, Bench, Contender
from .generator import Job, Outcome
from .sides import pause, resume

REQUESTS = (POST, GET, LIST)
CONNECTIONS = (1, 8, 32)
WARM_UP_SECONDS = 0.3
SETTLING_SECONDS = 0.15  # what follows an event's arrival: its removal from the outbox

Cell = tuple[str, int, str]
"""A request, a number of connections, and the name of a side."""


@dataclass(frozen=True)
class Figures:
    """What came of one cell in one round.

    Attributes:
        rate: requests a second, until the last event was received.
        p50_ms: half of the requests took no longer.
        p99_ms: 99 of 100 took no longer.
        costs: processor seconds for 1,000 requests, by process.
    """

    rate: float
    p50_ms: float
    p99_ms: float
    costs: dict[str, float]


class Results:
    """The figures of all rounds, by cell."""

    def __init__(self) -> None:
        self.figures: dict[Cell, list[Figures]] = {}

    def note(self, cell: Cell, figures: Figures) -> None:
        """Add the figures of a round."""
        self.figures.setdefault(cell, []).append(figures)

    def median(self, cell: Cell, figure: str) -> float:
        """Return the median of a figure, by its name."""
        values: list[float] = [getattr(each, figure) for each in self.figures[cell]]
        return statistics.median(values)

    def costs(self, cell: Cell) -> dict[str, float]:
        """Return the median costs by process."""
        rounds = [each.costs for each in self.figures[cell]]
        return {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}

    def ratio(self, request: str, connections: int, ours: str, theirs: str) -> float:
        """Return the median of the rounds' ratios of requests per second."""
        mine, others = (self.figures[request, connections, each] for each in (ours, theirs))
        return statistics.median(a.rate / b.rate for a, b in zip(mine, others, strict=True))


def run_round(bench: Bench, turn: int, seconds: float, results: Results) -> Iterator[str]:
    """Measure every cell once; yield a line after each pair.

    Args:
        bench: what is compared.
        turn: decides which side begins.
        seconds: of load, for a cell.
        results: the figures are added to.

    Raises:
        LoadFailed: a request failed, or an event did not arrive.
    """
    for request in REQUESTS:
        for connections in CONNECTIONS:
            pair = bench.contenders if turn % 2 == 0 else bench.contenders[::-1]
            turn += 1
            for contender in pair:
                figures = _measured(bench, contender, request, connections, seconds)
                results.note((request, connections, contender.side.name), figures)
            yield _line(bench.contenders, request, connections, results)


def _line(contenders: Sequence[Contender], request: str, connections: int, results: Results) -> str:
    rates = [
        f"{each.side.name} {results.figures[request, connections, each.side.name][-1].rate:,.0f}/s"
        for each in contenders
    ]
    return f"{request} at {connections}: {', '.join(rates)}"


def _measured(
    bench: Bench, contender: Contender, request: str, connections: int, seconds: float
) -> Figures:
    resume(contender.side)
    try:
        _run(
            contender,
            Job(contender.side.port, connections, WARM_UP_SECONDS, contender.requests[request]),
        )
        before = bench.processor_seconds(contender)
        job = Job(contender.side.port, connections, seconds, contender.requests[request])
        outcome = _run(contender, job)
        after = bench.processor_seconds(contender)
    finally:
        pause(contender.side)
    ended = max(outcome.ended, contender.arrivals.last(outcome.created_ids))
    count = len(outcome.latencies)
    cuts = statistics.quantiles(outcome.latencies, n=100)
    costs = {name: (after[name] - before[name]) * 1000 / count for name in after}
    return Figures(count / (ended - outcome.began), cuts[49] * 1000, cuts[98] * 1000, costs)


def _run(contender: Contender, job: Job) -> Outcome:
    """Do a job, and wait for the events of all that it created."""
    outcome = load.run_without_failures(job)
    if missing := contender.arrivals.wait_for(outcome.created_ids, PATIENCE_SECONDS):
        raise load.LoadFailed(f"{contender.side.name}: {missing} events did not arrive")
    time.sleep(SETTLING_SECONDS)
    return outcome
