"""The API is killed at every step of a payment; then the provider's ledger is compared.

One charge is known to the order, or there is none, or it was given back.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
import urllib3
from carafe.testing.cutting import api_killed_at_every_step
from carafe.testing.http import Api
from carafe.testing.timers import Timers

from chalicelib.domain.order import Order, OrderStatus
from tests.support.callers import CUSTOMER
from tests.support.orders import place_order
from tests.support.paying import cancel, pay
from tests.support.payments import Payments
from tests.support.products import register_product

MINUTE = timedelta(minutes=1)
LEAST_STEPS = 9

Killed = Callable[[Sequence[str], int], Iterator[str]]
"""Yields orders that were being paid, with these keys at once, when the API was killed."""


def request_payment(address: str, order_id: str, key: str) -> int | None:
    """Ask for a payment; return the status of the answer, or None if there is none."""
    url, headers = f"{address}/orders/{order_id}/payment", {**CUSTOMER, "Idempotency-Key": key}
    with suppress(urllib3.exceptions.HTTPError):
        return urllib3.request("POST", url, json={}, headers=headers, retries=False).status
    return None


@pytest.fixture
def killed(http: Api, payments: Payments, environment: Mapping[str, str]) -> Killed:
    """Kill the API at each step of a payment, until it is answered before that."""
    del payments  # set before anything is paid
    product_id = register_product(http)

    def each_kill(keys: Sequence[str], every: int) -> Iterator[str]:
        order_id = ""

        def request_payments(address: str) -> None:
            nonlocal order_id
            order_id = place_order(http, product_id)
            with ThreadPoolExecutor(len(keys)) as pool:
                list(pool.map(lambda key: request_payment(address, order_id, key), keys))

        step = 0
        for step in api_killed_at_every_step(request_payments, environment, every=every):  # noqa: B007 - the last
            yield order_id
        assert step > LEAST_STEPS, "the steps are not counted any more"

    return each_kill


def test_a_payment_of_a_killed_api_is_completed_by_its_repeat(
    http: Api, payments: Payments, killed: Killed, stored: Callable[[str], Order]
) -> None:
    """F61."""
    for order_id in killed(["pay-1"], 1):
        assert pay(http, order_id).status == 200
        assert stored(order_id).status is OrderStatus.PAID
        payments.reconcile(stored(order_id))


def test_a_payment_of_a_killed_api_is_ended_by_its_timer(
    killed: Killed, outcome_of_timer: Callable[[str], OrderStatus]
) -> None:
    """F61: and another key pays then, if no money was captured."""
    outcomes = set(map(outcome_of_timer, killed(["pay-1"], 1)))
    assert outcomes == {OrderStatus.PLACED, OrderStatus.PAID}


def test_an_order_that_is_cancelled_after_the_kill_keeps_no_money(
    http: Api,
    payments: Payments,
    killed: Killed,
    stored: Callable[[str], Order],
    timers: Timers,
) -> None:
    """F61: a cancellation in the middle of a payment."""
    refunds = set()
    for order_id in killed(["pay-1"], 1):
        cancel(http, order_id)
        timers.let_pass(2 * MINUTE)
        assert stored(order_id).status is OrderStatus.CANCELLED
        refunds.add(len(payments.listed("refunds", order_id)))
        payments.reconcile(stored(order_id))
    assert refunds == {0, 1}


@pytest.mark.parametrize(("count", "every"), [(2, 1), (50, 8)])
def test_of_many_payments_of_a_killed_api_one_is_charged(
    payments: Payments,
    killed: Killed,
    stored: Callable[[str], Order],
    outcome_of_timer: Callable[[str], OrderStatus],
    count: int,
    every: int,
) -> None:
    """F61: two keys at once, and fifty."""
    keys = [f"key-{number}" for number in range(count)]
    for order_id in killed(keys, every):
        outcome_of_timer(order_id)
        assert len(payments.listed("charges", order_id)) == 1
        payments.reconcile(stored(order_id))
