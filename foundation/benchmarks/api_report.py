"""The figures of the API's comparison, for people and for programs."""

import os
import platform
import statistics
from collections.abc import Iterator
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

from .measuring import Results

BARE, OURS, PEER = "bare", "Carafe", "Powertools"
NAMES = (BARE, OURS, PEER)

WHAT = {
    "command": "an order with five lines is placed",
    "query": "an order with five lines is read",
}
COLD = {
    "bare": "Chalice and pymongo alone, an order read",
    "api": "Carafe's API, an order read",
    "bridge": "Carafe's bridge, nudged",
}

_COLUMNS = ("", "processor", "to the bare one", "± quartile", "wall")
_INTRODUCTION = """# The API, compared

Made by `make bench-api`. From API Gateway's event to the answer, without any network but that to
MongoDB. Nothing is nudged.

- **bare** is the limit: a function with the driver's calls that Carafe makes, writing the same
  document by hand, with no framework. It checks nothing: neither the request nor the caller nor a
  repeat.
- **Carafe** is the function as it is deployed, from Chalice's entry on: scope, validation,
  idempotency, domain, events, problem details, and a log line.
- **Powertools** is a common choice: its resolver, pydantic models, its logger, and a
  transaction over order and outbox. It checks scope and form; a repeat makes a second order.

The processor time is the function's. "To the bare one" is the median of the ratios of processor
time within each round, "± quartile" half the distance between their quartiles."""


def print_table(console: Console, warm: Results, cold: Results) -> None:
    """Show the costs on the terminal."""
    for title, results, operations in _parts(warm, cold):
        table = Table(title=title)
        for name in ("", *_COLUMNS):
            table.add_column(name, justify="left" if name == "" else "right")
        for operation in operations:
            for position, row in enumerate(_rows(results, operation)):
                table.add_row("" if position else operation, *row)
            table.add_section()
        console.print(table)


def markdown(warm: Results, cold: Results) -> str:
    """Return the report."""
    return "\n".join([*_INTRODUCTION.splitlines(), *_tables(warm, cold), *_environment(warm), ""])


def ratios(warm: Results, cold: Results) -> Iterator[str]:
    """Yield a line for each figure, for programs to read."""
    yield f"RATIO command_vs_bare {warm.ratio('command', OURS, BARE):.2f}"
    yield f"RATIO command_peer_vs_ours {warm.ratio('command', PEER, OURS):.2f}"
    yield f"RATIO query_vs_bare {warm.ratio('query', OURS, BARE):.2f}"
    yield f"RATIO query_peer_vs_ours {warm.ratio('query', PEER, OURS):.2f}"
    yield f"RATIO cold_api_vs_bare {cold.ratio('cold', 'api', 'bare'):.2f}"
    yield f"RATIO cold_bridge_vs_bare {cold.ratio('cold', 'bridge', 'bare'):.2f}"


def _parts(warm: Results, cold: Results) -> Iterator[tuple[str, Results, list[str]]]:
    yield "One request, medians", warm, list(WHAT)
    yield "Import and first answer of a fresh process, medians", cold, ["cold"]


def _rows(results: Results, operation: str) -> Iterator[tuple[str, ...]]:
    for name in results.names:
        costs = results.costs(operation, name)
        yield (
            name,
            _duration(statistics.median(costs.processor)),
            f"{results.ratio(operation, name, BARE):.2f}",
            f"{results.spread(operation, name, BARE):.2f}",
            _duration(statistics.median(costs.wall)),
        )


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:,.3f} ms" if seconds < 0.01 else f"{seconds * 1000:,.0f} ms"  # noqa: PLR2004


def _tables(warm: Results, cold: Results) -> Iterator[str]:
    for _title, results, operations in _parts(warm, cold):
        for operation in operations:
            what = WHAT.get(operation, "a fresh process, from its import to its first answer")
            yield from ("", f"## {operation}: {what}", "")
            yield f"| {' | '.join(_COLUMNS)} |"
            yield "|---|---:|---:|---:|---:|"
            for row in _rows(results, operation):
                yield f"| {' | '.join(row)} |"


def _environment(warm: Results) -> tuple[str, str]:
    names = ("chalice", "pymongo", "msgspec", "aws-lambda-powertools", "pydantic")
    packages = ", ".join(f"{each} {version(each)}" for each in names)
    python, cores = platform.python_version(), os.cpu_count()
    return "", f"Python {python}, {packages}, {cores} cores, {warm.rounds} rounds."
