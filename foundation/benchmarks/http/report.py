"""The figures of the comparison over HTTP, for people and for programs."""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version

from rich.console import Console
from rich.table import Table

from .bench import BROKER, GET, LIST, MONGOD, POST, REQUIREMENTS, SQS
from .kills import Losses
from .measuring import CONNECTIONS, REQUESTS, Results
from .sides import OTHERS, RELAY, SERVER, Carafe, Peer

NAMES = (Carafe.name, Peer.name)
JUDGED_CONNECTIONS = 8
RATIOS = {POST: "http_post_vs_peer", GET: "http_get_vs_peer", LIST: "http_list_vs_peer"}

_CELLS = [(connections, name) for connections in CONNECTIONS for name in NAMES]
_PROCESSES = (SERVER, RELAY, OTHERS, MONGOD, BROKER, SQS)
_RATES = ("at once", "", "requests/s", "p50", "p99")
_COSTS = ("at once", "", *_PROCESSES, "sum")

_INTRODUCTION = """# Over HTTP, compared

Made by `make bench-http`. Both on the same MongoDB (one node, writes acknowledged by a majority)
and RabbitMQ (quorum queue), with {workers} to serve the API.

- **Carafe** is what `make run` starts: Chalice's local gateway in front of the functions, and a
  process for each function that a queue or a schedule triggers. moto plays SQS.
- **FastAPI + Beanie** is a common choice, under uvicorn with uvloop and httptools: pydantic models,
  order and outbox written in one transaction, and a relay of its own, which publishes with aio-pika
  and removes what the broker has confirmed.

Both verify ES256 for each token that is new within a minute, check the same rules, make one order
of a repeated key, and log a line for each request. Their answers are compared before the clock
starts; for orders it stops when every order's event has been received from a queue. An order has
five lines. The side that is not measured is paused. Medians of {rounds} rounds in turns.

"At once" is the number of connections. In the columns of processor time, server is what answers
requests, relay what publishes events (Carafe's bridge, and what feeds it), and others are Carafe's
functions that wait for something else. SQS by moto stands for a service of AWS, which would cost
these machines nothing; here it shares the processors, and is part of the sum. The peer's relay
pauses for 100 ms whenever its outbox is empty; what feeds the bridge lets nudges gather for
20 ms."""


def print_tables(console: Console, results: Results, losses: Mapping[str, Losses]) -> None:
    """Show the figures on the terminal."""
    for request in REQUESTS:
        _print_table(console, request, _RATES, _rates(results, request))
    for request in REQUESTS:
        title = f"{request}: processor seconds for 1,000 requests"
        _print_table(console, title, _COSTS, _costs(results, request))
    for line in _losses(losses):
        console.print(line, highlight=False)


def markdown(
    results: Results, losses: Mapping[str, Losses], rounds: int, workers: int, limit: float
) -> str:
    """Return the report.

    Args:
        results: of all rounds.
        losses: by side.
        rounds: their number.
        workers: how many processes served each API.
        limit: requests a second of the load generator alone.
    """
    processes = "one process" if workers == 1 else f"{workers} processes"
    lines = _INTRODUCTION.format(workers=processes, rounds=rounds).splitlines()
    for request in REQUESTS:
        lines += ["", f"## {request}", "", *_table(_RATES, _rates(results, request))]
        lines += ["", "Processor seconds for 1,000 requests:", ""]
        lines += _table(_COSTS, _costs(results, request))
    lines += ["", "## The server killed under load", "", *_losses(losses)]
    return "\n".join([*lines, "", _environment(limit), ""])


def ratios(results: Results) -> Iterator[str]:
    """Yield a line for each figure, for programs to read."""
    for request, name in RATIOS.items():
        yield f"RATIO {name} {results.ratio(request, JUDGED_CONNECTIONS, *NAMES):.2f}"


def _rates(results: Results, request: str) -> Iterator[Sequence[str]]:
    for connections, name in _CELLS:
        cell = (request, connections, name)
        yield (
            str(connections),
            name,
            f"{results.median(cell, 'rate'):,.0f}",
            f"{results.median(cell, 'p50_ms'):,.1f} ms",
            f"{results.median(cell, 'p99_ms'):,.1f} ms",
        )


def _costs(results: Results, request: str) -> Iterator[Sequence[str]]:
    for connections, name in _CELLS:
        costs = results.costs((request, connections, name))
        each_process = [f"{costs[each]:.2f}" if each in costs else "" for each in _PROCESSES]
        yield str(connections), name, *each_process, f"{sum(costs.values()):.2f}"


def _print_table(
    console: Console, title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]
) -> None:
    table = Table(title=title, padding=(0, 0), pad_edge=False)
    for name in columns:
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'|'.join('---:' if each else '---' for each in columns)}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _losses(losses: Mapping[str, Losses]) -> Iterator[str]:
    for name, each in losses.items():
        yield (
            f"- {name}: {each.kills} kills, {each.acknowledged:,} acknowledged orders, "
            f"{each.lost} without an event"
        )


def _environment(limit: float) -> str:
    ours = [f"{each} {version(each)}" for each in ("chalice", "msgspec")]
    pins = [each.split("==") for each in REQUIREMENTS.read_text().splitlines() if "==" in each]
    versions = dict(pins)
    theirs = [f"{each} {versions[each]}" for each in ("fastapi", "beanie", "uvicorn", "aio-pika")]
    packages = ", ".join([*ours, *theirs, f"pymongo {versions['pymongo']} in both"])
    return (
        f"Python {platform.python_version()}, {packages}, {os.cpu_count()} cores. "
        f"The load generator alone sends {limit:,.0f} requests/s."
    )
