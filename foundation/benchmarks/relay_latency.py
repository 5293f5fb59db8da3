"""From a commit to a consumer's hands, with the real bridge, while orders come in steadily."""

import json
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from rich.console import Console
from rich.progress import track

from chalicelib.infrastructure.repositories.order_repository import OrderRepository

from . import orders
from .relay_bench import RelayBench

ORDERS_A_SECOND = 100
SECONDS = 30
WARM_UP_SECONDS = 3
BRIDGES = 2
CUSTOMERS = 4  # at once: a commit and its nudge take longer than a slot
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Latencies:
    """Times from commit to consumer, in milliseconds.

    Attributes:
        rate: orders a second that came in.
        count: how many were measured.
        p50_ms: half of them took no longer.
        p99_ms: 99 of 100 took no longer.
    """

    rate: float
    count: int
    p50_ms: float
    p99_ms: float


def measured_latencies(bench: RelayBench, console: Console) -> Latencies:
    """Place orders at a steady rate, and note when each one's event arrives."""
    committed: dict[str, float] = {}
    arrived: dict[str, float] = {}
    total = ORDERS_A_SECOND * (WARM_UP_SECONDS + SECONDS)
    stopping = threading.Event()
    with bench.bridges(BRIDGES):
        consumer = threading.Thread(target=_consume, args=(bench, arrived, total, stopping))
        consumer.start()
        ordered = _place(bench, total, committed, console)
        consumer.join(PATIENCE_SECONDS)
        stopping.set()
        consumer.join()
    if len(arrived) < total:
        raise RuntimeError(f"{total - len(arrived)} events did not arrive")
    measured = ordered[ORDERS_A_SECOND * WARM_UP_SECONDS :]
    times = sorted((arrived[each] - committed[each]) * 1000 for each in measured)
    cuts = statistics.quantiles(times, n=100)
    seconds = committed[measured[-1]] - committed[measured[0]]
    return Latencies(len(measured) / seconds, len(measured), cuts[49], cuts[98])


def _place(
    bench: RelayBench, total: int, committed: dict[str, float], console: Console
) -> list[str]:
    """Place orders by the clock, each from its slot on; return their ids in order."""
    container = bench.container

    def nudge(collection: str, identifier: str, _due: object = None) -> None:
        committed[identifier] = time.perf_counter()
        container.nudge(collection, identifier)

    repository = OrderRepository(container.database, container.outbox, nudge, container.cursors)

    def place(number: int) -> str:
        order = orders.an_order(number)
        repository.add(order, orders.a_context())
        return order.id

    began = time.perf_counter()
    placed = []
    with ThreadPoolExecutor(CUSTOMERS) as customers:
        for number in track(range(total), "placing orders", console=console):
            slot = began + number / ORDERS_A_SECOND
            time.sleep(max(0.0, slot - time.perf_counter()))
            placed.append(customers.submit(place, number))
    return [each.result() for each in placed]


def _consume(
    bench: RelayBench, arrived: dict[str, float], total: int, stopping: threading.Event
) -> None:
    with bench.container.bus.subscribe(["ordering.order.placed"]) as subscription:
        while len(arrived) < total and not stopping.is_set():
            message = subscription.receive(1.0)
            if message is not None:
                arrived[json.loads(message.body)["subject"]] = time.perf_counter()
                subscription.settle(message)
