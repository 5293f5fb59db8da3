"""The figures of a comparison, for people and for programs."""

import os
import platform
import statistics
from collections.abc import Iterator, Sequence
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

from .measuring import MICRO, OPERATIONS, ORDERS_A_ROUND, Results

LIMIT = "pymongo"
OURS = "Carafe"
BY_HAND = "by hand"
PEERS = ("mongoengine", "bunnet")

NAMES = (LIMIT, OURS, BY_HAND, *PEERS)

WHAT = {
    "add": "store a new order, with its event and its command",
    "get": "read an order by its id",
    "save": "store a changed order, with its event and its command",
    "change": "read an order, change its address, store that",
    "list": "read the latest 1,000 orders",
}
_COLUMNS = ("", "processor", "to pymongo", "± quartile", "wall")
_INTRODUCTION = """# Repositories, compared

Made by `make bench-repository`. An order with five lines, its events and its commands in one
document ({size:,} bytes after two changes); all store the same, which is checked first.

- **pymongo** is the limit: documents are ready before the clock starts, and what is read stays
  a dict.
- **Carafe** takes and returns aggregates, makes the events' envelopes while the clock runs, and
  matches the version it read.
- **by hand** is pymongo where there is no repository: the same aggregates in and out, every
  document, event and command's entry written out in code while the clock runs. What Carafe
  costs beyond it is the price of not writing that.
- **mongoengine** begins with its document object, event included, and sends what changed, if
  the version is the one it read.
- **bunnet** begins with its model object, event included, and replaces the document, whatever
  its version.

All share one client, with writes acknowledged and reads confirmed by a majority. The processor
time is the client's. "To pymongo" is the median of the ratios of processor time within each
round, "± quartile" half the distance between their quartiles. Trust the ratios, not the
microseconds."""


def print_table(console: Console, results: Results) -> None:
    """Show the costs on the terminal."""
    table = Table(title="An order with five lines, medians for one operation")
    for name in ("operation", *_COLUMNS):
        table.add_column(name, justify="left" if name in {"operation", ""} else "right")
    for operation in OPERATIONS:
        for position, row in enumerate(_rows(results, operation)):
            table.add_row("" if position else operation, *row)
        table.add_section()
    console.print(table)


def markdown(results: Results, size: int, mongod: str) -> str:
    """Return the report.

    Args:
        results: of all rounds.
        size: of a changed order's document, in bytes.
        mongod: the server's version.
    """
    return "\n".join([*_introduction(size), *_tables(results), *_environment(results, mongod), ""])


def ratios(results: Results) -> Iterator[str]:
    """Yield a line for each figure, for programs to read."""
    for operation in OPERATIONS:
        yield f"RATIO {operation}_vs_pymongo {results.ratio(operation, OURS, LIMIT):.2f}"
    for operation in OPERATIONS:
        yield f"RATIO {operation}_vs_by_hand {results.ratio(operation, OURS, BY_HAND):.2f}"
    for operation in OPERATIONS:
        best = results.best_peer(operation, PEERS, OURS)
        yield f"RATIO {operation}_best_odm_vs_ours {best:.2f}"


def _rows(results: Results, operation: str) -> Iterator[tuple[str, ...]]:
    for name in NAMES:
        costs = results.costs(operation, name)
        yield (
            name,
            _duration(statistics.median(costs.processor)),
            f"{results.ratio(operation, name, LIMIT):.2f}",
            f"{results.spread(operation, name, LIMIT):.2f}",
            _duration(statistics.median(costs.wall)),
        )


def _duration(seconds: float) -> str:
    micro = seconds * MICRO
    return f"{micro:,.0f} µs" if micro < MICRO / 100 else f"{micro / 1000:,.1f} ms"


def _introduction(size: int) -> Sequence[str]:
    return _INTRODUCTION.format(size=size).splitlines()


def _tables(results: Results) -> Iterator[str]:
    for operation in OPERATIONS:
        yield from ("", f"## {operation}: {WHAT[operation]}", "")
        yield f"| {' | '.join(_COLUMNS)} |"
        yield "|---|---:|---:|---:|---:|"
        for row in _rows(results, operation):
            yield f"| {' | '.join(row)} |"


def _environment(results: Results, mongod: str) -> Sequence[str]:
    packages = ", ".join(f"{each} {version(each)}" for each in ("pymongo", *PEERS, "msgspec"))
    python, cores = platform.python_version(), os.cpu_count()
    rounds = f"{results.rounds} rounds of {ORDERS_A_ROUND} orders"
    return "", f"Python {python}, {packages}, mongod {mongod}, {cores} cores, {rounds}."
