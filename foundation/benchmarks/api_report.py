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
COMMAND, WITHOUT_NUDGE, QUERY = "command", "command without nudge", "query"
OPERATIONS = (COMMAND, WITHOUT_NUDGE, QUERY)

WHAT = {
    COMMAND: "an order with five lines is placed, and its nudge sent",
    WITHOUT_NUDGE: "an order with five lines is placed",
    QUERY: "an order with five lines is read",
}

_COLD_RATIOS = {
    "api": "read",
    "post": "place",
    "bridge": "bridge",
    "execute": "execute",
    "consume": "consume",
    "authorize": "authorize",
}
"""The row that each ratio of cold starts is about; all are to the bare one, which reads."""

_COLD_RATIOS_ALIKE = {
    "post_vs_bare_placing": ("place", "bare, placing"),
    "bridge_vs_bare_with_pika": ("bridge", "bare with pika"),
}
"""The row of further ratios, and the bare one that loads the same drivers."""

_COLUMNS = ("", "processor", "to the bare one", "± quartile", "wall")
_INTRODUCTION = """# The API, compared

Made by `make bench-api`. From the event of API Gateway, SQS or Amazon MQ to the answer, on MongoDB,
RabbitMQ and an issuer of tokens on this machine; a server that answers at once stands in for SQS.

- **bare** is the limit: a function with the driver's calls that Carafe makes, writing the same
  document by hand and sending the same nudge by the same client, with no framework. It checks
  nothing: neither the request nor the caller nor a repeat.
- **Carafe** is the function as it is deployed, from Chalice's entry on: scope, validation,
  idempotency, domain, events, problem details, and a log line.
- **Powertools** is a common choice: its resolver, pydantic models, its logger, and a
  transaction over order and outbox. It checks scope and form; a repeat makes a second order. It
  sends no nudge: its outbox would be polled.

The processor time is the function's. "To the bare one" is the median of the ratios of processor
time within each round, "± quartile" half the distance between their quartiles."""

_COLD_INTRODUCTION = """Everything is compared with the bare one, a Chalice app with pymongo that
reads an order; it deploys nothing for checking tokens. "with pika" imports pika and calls no
broker; "placing" places an order and sends its nudge. read and place are Carafe's API, the latter
with its first nudge. bridge relays an order's event to RabbitMQ, to which it connects; "no event"
is its answer to a nudge without a pending event. execute places an order from SQS, consume handles
an event of another service, and authorize fetches the issuer's keys and checks a token."""


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
    yield f"RATIO command_vs_bare {warm.ratio(COMMAND, OURS, BARE):.2f}"
    yield f"RATIO command_without_nudge_vs_bare {warm.ratio(WITHOUT_NUDGE, OURS, BARE):.2f}"
    yield f"RATIO query_vs_bare {warm.ratio(QUERY, OURS, BARE):.2f}"
    yield f"RATIO command_peer_vs_ours {warm.ratio(COMMAND, PEER, OURS):.2f}"
    for name, row in _COLD_RATIOS.items():
        yield f"RATIO cold_{name}_vs_bare {cold.ratio('cold', row, BARE):.2f}"
    for name, (row, bare) in _COLD_RATIOS_ALIKE.items():
        yield f"RATIO cold_{name} {cold.ratio('cold', row, bare):.2f}"


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
            if operation not in WHAT:
                yield from (*_COLD_INTRODUCTION.splitlines(), "")
            yield f"| {' | '.join(_COLUMNS)} |"
            yield "|---|---:|---:|---:|---:|"
            for row in _rows(results, operation):
                yield f"| {' | '.join(row)} |"


def _environment(warm: Results) -> tuple[str, str]:
    names = ("chalice", "pymongo", "msgspec", "aws-lambda-powertools", "pydantic")
    packages = ", ".join(f"{each} {version(each)}" for each in names)
    python, cores = platform.python_version(), os.cpu_count()
    return "", f"Python {python}, {packages}, {cores} cores, {warm.rounds} rounds."
