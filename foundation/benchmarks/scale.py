"""`make bench-scale`: what a get, a save and a page cost with a thousand, and a million orders.

Three databases on one server, filled with documents as they are once relayed, and measured
in turns, so that other load on the machine affects all sizes alike. Wall time is measured,
because the server does the work that could grow.
"""

import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import bson
from bson.raw_bson import RawBSONDocument
from msgspec import structs
from rich.console import Console
from rich.progress import Progress, track
from rich.table import Table

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.criteria import equals
from chalicelib.domain.order import Order
from chalicelib.infrastructure.repositories.order_repository import OrderRepository
from chalicelib.infrastructure.settings import Settings

from . import orders
from .many_orders import GREAT_CUSTOMER, ONE_IN, relayed_orders
from .service import benchmarked_service, no_nudge

SIZES = {"1k": 1_000, "100k": 100_000, "1m": 1_000_000}
OPERATIONS = ("get", "save", "page", "deep_page")
ROUNDS = 300
WARM_UP_ROUNDS = 30
PAGE = 20
BATCH = 5_000
LARGEST_PAGE = 1_000
# Room for all of it, as a server is sized: otherwise what grows is the share of reads from disk.
CACHE_GIGABYTES = 4.0

# How far down the great customer's orders the deep page is.
DEPTH = 0.8

LATEST_FIRST = ("-placed_at",)
MICRO = 1e6

_GREAT = equals("customer_id", GREAT_CUSTOMER)


@dataclass
class Store:
    """One size of the collection.

    Attributes:
        repository: over the collection.
        identifiers: of some of its orders, anywhere.
        deep: the cursor of the deep page.
        costs: of each operation, in seconds of the clock.
    """

    repository: OrderRepository
    identifiers: Sequence[str]
    deep: str
    costs: Mapping[str, list[float]] = field(
        default_factory=lambda: {each: [] for each in OPERATIONS}
    )


def main() -> None:
    """Fill the databases, measure, and print the figures."""
    console = Console()
    with benchmarked_service(console.print, CACHE_GIGABYTES) as container:
        stores = {name: _filled(container, name, count, console) for name, count in SIZES.items()}
        total = WARM_UP_ROUNDS + ROUNDS
        for number in track(range(total), "measuring", console=console):
            _round(list(stores.values()), number)
    _print_table(console, stores)
    for line in _ratios(stores):
        console.print(line, highlight=False)


def _filled(container: Container[Settings], name: str, count: int, console: Console) -> Store:
    settings = structs.replace(container.settings, mongo_database=f"benchmark-{name}")
    sized = Container(container.service, settings)
    sized.prepare_database()
    repository = OrderRepository(sized.database, sized.outbox, no_nudge, sized.cursors)
    identifiers: list[str] = []
    with Progress(console=console) as progress:
        task = progress.add_task(f"storing {count:,} orders", total=count)
        for start in range(0, count, BATCH):
            batch = relayed_orders(start, min(BATCH, count - start))
            identifiers += [each["_id"] for each in batch[:: max(1, count // 5_000)]]
            repository.collection.insert_many(
                [RawBSONDocument(bson.encode(each)) for each in batch]
            )
            progress.advance(task, len(batch))
    return Store(repository, identifiers, _deep_cursor(repository, count))


def _deep_cursor(repository: OrderRepository, count: int) -> str:
    """Walk down the great customer's orders; the last cursor leads to the deep page."""
    left = int(count / ONE_IN * DEPTH)
    cursor: str | None = None
    while left:
        step = min(left, LARGEST_PAGE)
        page = repository.find(_GREAT, order=LATEST_FIRST, limit=step, cursor=cursor)
        cursor, left = page.next_cursor, left - step
    if cursor is None:
        raise LookupError("there is no deep page")
    return cursor


def _round(stores: Sequence[Store], number: int) -> None:
    """Do everything once on every size, starting with another one in each round."""
    turn = number % len(stores)
    for operation in OPERATIONS:
        for store in [*stores[turn:], *stores[:turn]]:
            work = _work(store, operation)
            before = time.perf_counter()
            work()
            cost = time.perf_counter() - before
            if number >= WARM_UP_ROUNDS:
                store.costs[operation].append(cost)


def _work(store: Store, operation: str) -> Callable[[], object]:
    """Return the operation to measure; preparing it is not measured."""
    repository = store.repository
    if operation == "get":
        return partial(repository.get, _any_of(store))
    if operation == "save":
        return partial(repository.save, *_changed(store))
    cursor = store.deep if operation == "deep_page" else None
    return partial(repository.find, _GREAT, order=LATEST_FIRST, limit=PAGE, cursor=cursor)


def _changed(store: Store) -> tuple[Order, CommandContext]:
    context = orders.a_context()
    order = store.repository.load(_any_of(store), context)
    if isinstance(order, CommandResult):
        raise LookupError("a new command was handled before")
    order.change_shipping_address(orders.another_address(order), at=orders.NOON)
    return order, context


def _any_of(store: Store) -> str:
    return random.choice(store.identifiers)  # noqa: S311 - not a secret


def _print_table(console: Console, stores: Mapping[str, Store]) -> None:
    table = Table(title="Wall time, medians of the operation alone, in µs")
    table.add_column("stored orders")
    for operation in OPERATIONS:
        table.add_column(operation.replace("_", " "), justify="right")
    for name, store in stores.items():
        medians = (statistics.median(store.costs[each]) * MICRO for each in OPERATIONS)
        table.add_row(f"{SIZES[name]:,}", *(f"{each:,.0f}" for each in medians))
    console.print(table)


def _ratios(stores: Mapping[str, Store]) -> Iterator[str]:
    """Yield a line for each figure, for programs to read."""
    smallest, *larger = SIZES
    for operation in OPERATIONS:
        for size in larger:
            few, many = stores[smallest].costs[operation], stores[size].costs[operation]
            ratio = statistics.median(many) / statistics.median(few)
            yield f"RATIO {operation}_{size}_vs_{smallest} {ratio:.2f}"


if __name__ == "__main__":
    main()
