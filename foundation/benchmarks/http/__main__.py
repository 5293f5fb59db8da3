"""`make bench-http`: Carafe over HTTP, beside FastAPI with Beanie and a transactional outbox.

Three requests at 1, 8 and 32 connections, on both sides in turns; then both servers are killed
under load. QUICK=1 takes less than a minute, and writes no report.
"""

import argparse
import time
from pathlib import Path

from rich.console import Console

from . import load, report
from .bench import Bench, running_bench
from .kills import Losses, measured_losses
from .measuring import Results, run_round
from .report import JUDGED_CONNECTIONS

RESULTS = Path(__file__).parents[1] / "results" / "http.md"

ROUNDS, QUICK_ROUNDS = 5, 1
SECONDS, QUICK_SECONDS = 4.0, 0.6
KILLS, QUICK_KILLS = 3, 1
KILL_SECONDS, QUICK_KILL_SECONDS = 4.0, 2.0
CUSTOMERS, QUICK_CUSTOMERS = 32, 8


class Progress:
    """Prints a line for each step, with the time since the start.

    Args:
        console: where to.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = time.monotonic()

    def __call__(self, message: str) -> None:
        """Print a message."""
        seconds = time.monotonic() - self._began
        self._console.print(f"{seconds:5.1f} s  {message}", highlight=False, soft_wrap=True)


def main() -> None:
    """Compare, and write the report."""
    options = _options()
    console = Console()
    progress = Progress(console)
    limit = load.limit(JUDGED_CONNECTIONS, 1.0)
    progress(f"the load generator alone sends {limit:,.0f} requests/s")
    customers = QUICK_CUSTOMERS if options.quick else CUSTOMERS
    with running_bench(progress, options.processes, customers) as bench:
        results = _results(bench, options, progress)
        losses = _losses(bench, options, progress)
    report.print_tables(console, results, losses)
    if not options.quick:
        text = report.markdown(results, losses, options.rounds, options.processes, limit)
        RESULTS.write_text(text, encoding="utf-8")
        console.print(f"written: {RESULTS}")
    for line in report.ratios(results):
        console.print(line, highlight=False)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare Carafe with FastAPI and Beanie.")
    parser.add_argument("--quick", action="store_true", help="less than a minute, no report")
    parser.add_argument("--rounds", type=int, help=f"{ROUNDS} by default, {QUICK_ROUNDS} if quick")
    parser.add_argument("--processes", type=int, default=1, help="that serve each API")
    options = parser.parse_args()
    options.rounds = options.rounds or (QUICK_ROUNDS if options.quick else ROUNDS)
    return options


def _results(bench: Bench, options: argparse.Namespace, progress: Progress) -> Results:
    results = Results()
    seconds = QUICK_SECONDS if options.quick else SECONDS
    for number in range(options.rounds):
        for line in run_round(bench, number, seconds, results):
            progress(f"round {number + 1} of {options.rounds}: {line}")
    return results


def _losses(bench: Bench, options: argparse.Namespace, progress: Progress) -> dict[str, Losses]:
    kills = QUICK_KILLS if options.quick else KILLS
    seconds = QUICK_KILL_SECONDS if options.quick else KILL_SECONDS
    return {
        each.side.name: measured_losses(each, kills, seconds, progress) for each in bench.contenders
    }


if __name__ == "__main__":
    main()
