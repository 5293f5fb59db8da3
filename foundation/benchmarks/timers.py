"""`make bench-timers`: what timers cost, how exactly they call, and how a backlog drains.

Commits with and without a timer take turns; timers fall due at a hundred a second, with nudges and
with every nudge of a commit lost; sweeps beside a thousand and beside a million far timers take
turns; and a million that are due at once are drained.
"""

import statistics
import sys
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, track

from carafe.infrastructure.container import Container
from chalicelib.infrastructure.settings import Settings

from .relay_bench import benchmarked_relay
from .service import benchmarked_service
from .timer_backlog import FAR, OVERDUE, Drain, beside, drained, fill, seconds_of_sweep
from .timer_commits import median, timer_ratios
from .timer_precision import Lateness, measured_lateness

COMMIT_ROUNDS = 40
SWEEP_ROUNDS = 30
FEW, MANY = 1_000, 1_000_000
CALLERS = 4  # environments of `execute`
SECONDS = 30

QUICK_COMMIT_ROUNDS = 12
QUICK_MANY = 20_000
QUICK_SECONDS = 8

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Measure, and write the report."""
    console, is_quick = Console(), "--quick" in sys.argv
    rounds = QUICK_COMMIT_ROUNDS if is_quick else COMMIT_ROUNDS
    many = QUICK_MANY if is_quick else MANY
    seconds = QUICK_SECONDS if is_quick else SECONDS
    with benchmarked_service(console.print, cache_gigabytes=2.0) as container:
        container.prepare_database()
        ratios = timer_ratios(container, rounds)
        commit = median(list(track(ratios, "commits", rounds, console=console)))
        sweep_few, sweep_many = _sweeps(container, many, console)
        drain = _drain(container, many, console)
    with benchmarked_relay(console.print) as bench:
        nudged = measured_lateness(bench, seconds, console, has_nudges=True)
        swept = measured_lateness(bench, seconds, console, has_nudges=False)
    report = _markdown(commit, sweep_few, sweep_many, drain, nudged, swept)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "timers.md").write_text(report, encoding="utf-8")
    console.print(report, markup=False, highlight=False)
    console.print(f"RATIO timer_commit_vs_plain {commit:.3f}", highlight=False)
    console.print(f"RATIO firing_per_second {drain.per_second:.0f}", highlight=False)
    console.print(f"RATIO timer_precision_p99_ms {nudged.p99:.0f}", highlight=False)
    console.print(f"RATIO sweep_1m_vs_1k {sweep_many / sweep_few:.2f}", highlight=False)


def _sweeps(container: Container[Settings], many: int, console: Console) -> tuple[float, float]:
    """Return the seconds of a sweep beside few far timers, and beside many."""
    sizes = {count: beside(container, f"far_{count}") for count in (FEW, many)}
    with Progress(console=console) as progress:
        for count, wired in sizes.items():
            task = progress.add_task(f"{count:,} far timers", total=count)
            far = wired.clock() + FAR
            fill(
                wired,
                count,
                lambda number, far=far: far + timedelta(seconds=number),  # type: ignore[misc]
                lambda stored, task=task: progress.advance(task, stored),  # type: ignore[misc]
            )
    costs: dict[int, list[float]] = {count: [] for count in sizes}
    for _ in range(SWEEP_ROUNDS):
        for count, wired in sizes.items():
            costs[count].append(seconds_of_sweep(wired))
    for wired in sizes.values():
        wired.close()
    return statistics.median(costs[FEW]), statistics.median(costs[many])


def _drain(container: Container[Settings], many: int, console: Console) -> Drain:
    """Drain many timers that have all been due for a while."""
    wired = beside(container, "overdue")
    began = wired.clock() - OVERDUE
    with Progress(console=console) as progress:
        filling = progress.add_task(f"{many:,} due timers", total=many)
        fill(
            wired,
            many,
            lambda number: began + timedelta(milliseconds=number),
            lambda stored: progress.advance(filling, stored),
        )
        draining = progress.add_task("draining", total=many)
        drain = drained(wired, CALLERS, lambda called: progress.advance(draining, called))
    wired.close()
    return drain


def _markdown(  # noqa: PLR0913, PLR0917 - one figure after the other
    commit: float,
    sweep_few: float,
    sweep_many: float,
    drain: Drain,
    nudged: Lateness,
    swept: Lateness,
) -> str:
    return f"""# Timers

Made by `make bench-timers`: orders that are due to be paid, on a machine of two cores that also ran
the servers; commits and sweeps in turns, medians.

| | |
|---|---|
| a commit with a timer, as a ratio to one without (processor time, nudges off) | {commit:.3f} |
| late with nudges, {nudged.count:,} at 100 a second: median, p99, earliest | \
{nudged.median:.0f} ms, {nudged.p99:.0f} ms, {nudged.earliest:.0f} ms |
| late without them, {swept.count:,} at 100 a second: median, p99 | \
{swept.median / 1000:.1f} s, {swept.p99 / 1000:.1f} s |
| a sweep beside {FEW:,} far timers, beside many | \
{sweep_few * 1000:.2f} ms, {sweep_many * 1000:.2f} ms |
| {drain.count:,} due at once, {CALLERS} processes: called a second, growth of memory, in order | \
{drain.per_second:.0f}, {drain.growth_megabytes:.0f} MB, {"yes" if drain.is_in_order else "no"} |
"""


if __name__ == "__main__":
    main()
