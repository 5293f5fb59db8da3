"""`make bench-relay`: from pending events to confirmed and removed ones.

Three ways over the same events, in turns within one run: the relay; one event after the other,
as people usually write it; and bare pipelined publishing of ready bodies, which is the limit.
Then what an event costs with a thousand and with a million pending, and how long an event takes
from its commit to a consumer's hands while a hundred orders a second come in.
"""

import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

from . import orders
from .many_orders import pending_orders
from .one_by_one import relay_one_by_one
from .pipelined import PipelinedPublisher
from .relay_bench import RelayBench, benchmarked_relay
from .relay_latency import Latencies, measured_latencies

EVENTS_EACH = 2
DOCUMENTS = 8_000
FEW_DOCUMENTS = 200  # one by one takes long
ROUNDS = 11
WARM_UP_ROUNDS = 2

FEW_PENDING = 1_000
MANY_PENDING = 1_000_000
DRAINS_OF_FEW = 30

BATCH = 5_000
PLENTY_SECONDS = 600.0

RESULTS = Path(__file__).parent / "results"


@dataclass
class Rates:
    """Events a second, one figure a round.

    Attributes:
        relay: Carafe's.
        one_by_one: a confirm and an update for each event.
        limit: publishing alone.
    """

    relay: list[float] = field(default_factory=list)
    one_by_one: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)

    @property
    def medians(self) -> dict[str, float]:
        """The median of each, by name."""
        return {name: statistics.median(rates) for name, rates in vars(self).items()}

    def ratio(self, to: Sequence[float]) -> float:
        """Return the median of the rounds' ratios of the relay to another."""
        return statistics.median(a / b for a, b in zip(self.relay, to, strict=True))


@dataclass(frozen=True)
class Backlog:
    """The time that many pending events take to drain, beside few.

    Attributes:
        few_seconds: an event, while a thousand are pending.
        many_seconds: an event, from a million pending to none.
        growth_megabytes: of memory, while the million was drained.
    """

    few_seconds: float
    many_seconds: float
    growth_megabytes: float


def main() -> None:
    """Measure, and write the report."""
    console = Console()
    with benchmarked_relay(console.print) as bench:
        rates = _measured_rates(bench, console)
        _print_rates(console, rates)
        backlog = _measured_backlog(bench, console)
        latencies = measured_latencies(bench, console)
    (RESULTS / "relay.md").write_text(_report(rates, backlog, latencies), encoding="utf-8")
    console.print(f"written: {RESULTS / 'relay.md'}")
    for line in _ratios(rates, backlog, latencies):
        console.print(line, highlight=False)


# The three ways


def _measured_rates(bench: RelayBench, console: Console) -> Rates:
    rates = Rates()
    publisher = PipelinedPublisher(bench.rabbitmq_url, bench.exchange)
    ways: list[tuple[list[float], Callable[[], float]]] = [
        (rates.relay, lambda: _relay_rate(bench, DOCUMENTS)),
        (rates.one_by_one, lambda: _one_by_one_rate(bench)),
        (rates.limit, lambda: _limit_rate(bench, publisher)),
    ]
    for number in track(range(WARM_UP_ROUNDS + ROUNDS), "measuring", console=console):
        turn = number % len(ways)
        for series, measure in [*ways[turn:], *ways[:turn]]:
            rate = measure()
            if number >= WARM_UP_ROUNDS:
                series.append(rate)
    publisher.close()
    return rates


def _relay_rate(bench: RelayBench, documents: int) -> float:
    store_pending(bench, documents)
    began = time.perf_counter()
    relayed = bench.container.relay.sweep(0, time.monotonic() + PLENTY_SECONDS)
    seconds = time.perf_counter() - began
    require(relayed.events == documents * EVENTS_EACH, "the relay left events behind")
    bench.empty_queue()
    return relayed.events / seconds


def _one_by_one_rate(bench: RelayBench) -> float:
    store_pending(bench, FEW_DOCUMENTS)
    began = time.perf_counter()
    count = relay_one_by_one(bench.collection, bench.rabbitmq_url, bench.exchange)
    seconds = time.perf_counter() - began
    require(count == FEW_DOCUMENTS * EVENTS_EACH, "one by one left events behind")
    bench.empty_queue()
    return count / seconds


def _limit_rate(bench: RelayBench, publisher: PipelinedPublisher) -> float:
    bodies = bench.bodies(DOCUMENTS * EVENTS_EACH)
    began = time.perf_counter()
    publisher.publish(bodies)
    seconds = time.perf_counter() - began
    bench.empty_queue()
    return len(bodies) / seconds


# Few and many


def _measured_backlog(bench: RelayBench, console: Console) -> Backlog:
    few = [1 / _relay_rate(bench, FEW_PENDING // EVENTS_EACH) for _ in range(DRAINS_OF_FEW // 2)]
    with Progress(console=console) as progress:
        task = progress.add_task("storing 1,000,000 events", total=MANY_PENDING)
        for _ in range(MANY_PENDING // BATCH):
            store_pending(bench, BATCH // EVENTS_EACH)
            progress.advance(task, BATCH)
    # Few again, next to the many: other load on the machine affects both.
    before = peak_megabytes()
    console.print("draining 1,000,000 events")
    began = time.perf_counter()
    relayed = bench.container.relay.sweep(0, time.monotonic() + PLENTY_SECONDS)
    seconds = time.perf_counter() - began
    require(relayed.events == MANY_PENDING, "the relay left events behind")
    growth = peak_megabytes() - before
    bench.empty_queue()
    few += [1 / _relay_rate(bench, FEW_PENDING // EVENTS_EACH) for _ in range(DRAINS_OF_FEW // 2)]
    return Backlog(statistics.median(few), seconds / MANY_PENDING, growth)


def store_pending(bench: RelayBench, documents: int) -> None:
    """Store orders with two pending events each."""
    bench.collection.insert_many(pending_orders(documents), ordered=False)


def peak_megabytes() -> float:
    """Return the peak memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def require(condition: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise an error instead of reporting figures of a failed run."""
    if not condition:
        raise RuntimeError(otherwise)


# What came out


def _print_rates(console: Console, rates: Rates) -> None:
    table = Table(title="Events a second, medians of the rounds")
    for name in ("relay", "one by one", "limit"):
        table.add_column(name, justify="right")
    table.add_row(*(f"{each:,.0f}" for each in rates.medians.values()))
    console.print(table)


def _report(rates: Rates, backlog: Backlog, latencies: Latencies) -> str:
    medians = rates.medians
    to_one_by_one, to_limit = rates.ratio(rates.one_by_one), rates.ratio(rates.limit)
    return f"""# The relay, compared

Made by `make bench-relay`: orders with {orders.LINES} lines and {EVENTS_EACH} pending events
each, to a quorum queue; {ROUNDS} rounds in turns, medians.

| | events/s | the relay to it |
|---|---:|---:|
| **Carafe's relay**: loaded, published, confirmed, removed | {medians["relay"]:,.0f} | |
| one confirm and one update at a time | {medians["one_by_one"]:,.0f} | {to_one_by_one:.1f} |
| bare pipelined publishing of ready bodies, the limit | {medians["limit"]:,.0f} | {to_limit:.2f} |

| pending events | µs an event |
|---:|---:|
| {FEW_PENDING:,} | {backlog.few_seconds * 1e6:,.0f} |
| {MANY_PENDING:,} | {backlog.many_seconds * 1e6:,.0f} |

While the million was drained, the process grew by {backlog.growth_megabytes:,.0f} MB.

From the commit to a consumer's hands, at {latencies.rate:,.0f} orders a second, with nudges
through SQS as moto plays it: p50 {latencies.p50_ms:,.0f} ms, p99 {latencies.p99_ms:,.0f} ms,
of {latencies.count:,} orders.
"""


def _ratios(rates: Rates, backlog: Backlog, latencies: Latencies) -> Iterator[str]:
    """Yield a line for each figure, for programs to read."""
    yield f"RATIO relay_vs_one_by_one {rates.ratio(rates.one_by_one):.1f}"
    yield f"RATIO relay_vs_limit {rates.ratio(rates.limit):.2f}"
    yield f"RATIO relay_events_per_second {rates.medians['relay']:.0f}"
    yield f"RATIO cost_1m_vs_1k {backlog.many_seconds / backlog.few_seconds:.2f}"
    yield f"RATIO latency_p50_ms {latencies.p50_ms:.1f}"
    yield f"RATIO latency_p99_ms {latencies.p99_ms:.1f}"


if __name__ == "__main__":
    main()
