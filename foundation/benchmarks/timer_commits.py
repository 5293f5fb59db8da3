"""What a timer adds to the commit that sets it, in processor time; nothing is nudged."""

import gc
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta

from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.execution import change
from chalicelib.domain.order import Order
from chalicelib.infrastructure.repositories.order_repository import OrderRepository
from chalicelib.infrastructure.settings import Settings

from . import orders
from .service import no_nudge

ORDERS_A_ROUND = 60
WARM_UP_ROUNDS = 3

FAR = timedelta(days=30)


def timer_ratios(container: Container[Settings], rounds: int) -> Iterator[float]:
    """Yield, for each round, the cost of commits with a timer as a ratio to those without.

    Half of the commits add an order, and half change one. Both kinds take turns in being first.
    """
    repository = OrderRepository(container.database, container.outbox, no_nudge, container.cursors)
    for number in range(WARM_UP_ROUNDS + rounds):
        kinds = (False, True) if number % 2 else (True, False)
        costs = {kind: _cost(repository, with_timer=kind) for kind in kinds}
        if number >= WARM_UP_ROUNDS:
            yield costs[True] / costs[False]


def median(ratios: list[float]) -> float:
    """Return the median of the rounds."""
    return statistics.median(ratios)


def _cost(repository: OrderRepository, *, with_timer: bool) -> float:
    new = [orders.an_order(number) for number in range(ORDERS_A_ROUND)]
    contexts = [orders.a_context() for _ in new]
    gc.collect()
    began = time.process_time()
    for order, context in zip(new, contexts, strict=True):
        if with_timer:
            order.expect_payment(FAR, at=order.placed_at)
        repository.add(order, context)
    for order in new:
        change(repository, order.id, orders.a_context(), _move_later if with_timer else _move)
    return time.process_time() - began


def _move(order: Order) -> None:
    order.change_shipping_address(orders.another_address(order), at=orders.NOON)


def _move_later(order: Order) -> None:
    _move(order)
    order.expect_payment(2 * FAR, at=order.placed_at)
