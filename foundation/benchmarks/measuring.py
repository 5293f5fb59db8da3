"""Interleaved rounds: every contender does everything in every round, in a rotating order.

So other load on the machine affects all of them alike. Ratios are taken within one round, and the
median over the rounds.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.order import Order

from . import orders
from .contender import Contender

OPERATIONS = ("add", "get", "save", "change", "list")
ROUNDS = 45
# On a busy machine fewer rounds must do, but never fewer than this.
FEWEST_ROUNDS = 15
BUDGET_SECONDS = 240
WARM_UP_ROUNDS = 3
ORDERS_A_ROUND = 24
LISTS_A_ROUND = 1

MICRO = 1e6


@dataclass
class Costs:
    """Seconds for one operation, one figure a round.

    Attributes:
        processor: of this process, the driver's own threads included.
        wall: of the clock.
    """

    processor: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)


class Results:
    """All costs, by operation and contender."""

    def __init__(self, names: Sequence[str], operations: Sequence[str] = OPERATIONS) -> None:
        self.names = names
        self._costs = {(each, name): Costs() for each in operations for name in names}

    @property
    def rounds(self) -> int:
        """The number of rounds, without the warm-up."""
        return len(next(iter(self._costs.values())).wall)

    def note(self, operation: str, name: str, processor: float, wall: float) -> None:
        """Add the figures of one round."""
        self.costs(operation, name).processor.append(processor)
        self.costs(operation, name).wall.append(wall)

    def costs(self, operation: str, name: str) -> Costs:
        """Return the costs of one operation of one contender."""
        return self._costs[operation, name]

    def ratio(self, operation: str, name: str, to: str) -> float:
        """Return the median of the rounds' ratios, in processor time."""
        return statistics.median(self._ratios(operation, name, to))

    def spread(self, operation: str, name: str, to: str) -> float:
        """Return half the distance between the quartiles of the rounds' ratios."""
        lower, _, upper = statistics.quantiles(self._ratios(operation, name, to))
        return (upper - lower) / 2

    def best_peer(self, operation: str, peers: Sequence[str], to: str) -> float:
        """Return the lowest ratio of a peer."""
        return min(self.ratio(operation, each, to) for each in peers)

    def _ratios(self, operation: str, name: str, to: str) -> list[float]:
        mine, theirs = self.costs(operation, name), self.costs(operation, to)
        return [a / b for a, b in zip(mine.processor, theirs.processor, strict=True)]


def run_rounds(contenders: Sequence[Contender]) -> Iterator[Results]:
    """Run all rounds that fit the budget; yield the results so far after each one."""
    end = time.monotonic() + BUDGET_SECONDS
    results = Results([each.name for each in contenders])
    for number in range(WARM_UP_ROUNDS + ROUNDS):
        turn = number % len(contenders)
        order = [*contenders[turn:], *contenders[:turn]]
        batch = [orders.an_order(number * ORDERS_A_ROUND + n) for n in range(ORDERS_A_ROUND)]
        costs = _round(order, batch)
        if number >= WARM_UP_ROUNDS:
            for key, (processor, wall) in costs.items():
                results.note(*key, processor, wall)
        yield results
        if number >= WARM_UP_ROUNDS + FEWEST_ROUNDS - 1 and time.monotonic() > end:
            return


Measured = tuple[float, float]


def _round(
    contenders: Sequence[Contender], batch: Sequence[Order]
) -> Mapping[tuple[str, str], Measured]:
    costs: dict[tuple[str, str], Measured] = {}
    for operation in OPERATIONS:
        for contender in contenders:
            perform = getattr(contender, operation)
            inputs = _inputs(contender, operation, batch)
            costs[operation, contender.name] = measured(perform, inputs)
    return costs


def _inputs(contender: Contender, operation: str, batch: Sequence[Order]) -> list[tuple[Any, ...]]:
    """Return the arguments of each call; preparing them is not measured."""
    if operation == "list":
        return [()] * LISTS_A_ROUND
    if operation == "add":
        return [(contender.new_record(each, orders.a_context()),) for each in _copies(batch)]
    if operation == "save":
        return [(contender.paid_record(each.id),) for each in batch]
    return [(each.id,) for each in batch]


def _copies(batch: Sequence[Order]) -> list[Order]:
    """Return equal orders: adding one increments its version and clears its events."""
    return [orders.placed_again(each) for each in batch]


def measured(perform: Callable[..., object], inputs: Sequence[tuple[Any, ...]]) -> Measured:
    """Return processor and wall time for one call, in seconds."""
    # Garbage of earlier parts does not count here, but its own does: the collector stays on.
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    for arguments in inputs:
        perform(*arguments)
    processor, wall = time.process_time() - processor, time.perf_counter() - wall
    return processor / len(inputs), wall / len(inputs)
