"""Payments, their timers and refunds are cut at each step in turn; then all is reconciled.

Whatever was cut is repeated, or left to the timers: one charge is known to the order, or none, or
it was given back.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from carafe.testing.cut import Cut, every_step
from carafe.testing.http import Api
from carafe.testing.timers import Timers

from chalicelib.domain.order import Order, OrderStatus
from tests.support.callers import CUSTOMER
from tests.support.orders import place_order
from tests.support.paying import ATTEMPTS, cancel, pay
from tests.support.payments import Payments
from tests.support.products import register_product

MINUTE = timedelta(minutes=1)
LEAST_STEPS, MOST_STEPS = 4, 80


class CutOff(Exception):
    """The work was cut here."""


def cut_off() -> None:
    raise CutOff


Work = Callable[[str], object]
"""Does something with an order."""

Steps = Callable[[Work, Work], Iterator[str]]
"""Yields orders that were prepared, and whose work was then cut one step later each time."""


@pytest.fixture
def steps(http: Api, payments: Payments, monkeypatch: pytest.MonkeyPatch) -> Steps:
    """Cut some work at each step, until it is done before that."""
    del payments  # set before anything is paid
    product_id = register_product(http)

    def is_cut(work: Work, order_id: str, step: int) -> bool:
        cut = Cut(step, cut_off)
        with monkeypatch.context() as patching, suppress(CutOff):
            every_step(patching.setattr, cut)
            work(order_id)
        return cut.reached

    def each_step(prepare: Work, work: Work) -> Iterator[str]:
        for step in range(1, MOST_STEPS):
            order_id = place_order(http, product_id)
            prepare(order_id)
            reached = is_cut(work, order_id, step)
            yield order_id
            if not reached:
                assert step > LEAST_STEPS, "the steps are not counted any more"
                return
        raise AssertionError("the work never ends")

    return each_step


@pytest.fixture
def pay_without_answer(http: Api, payments: Payments) -> Work:
    """Let money be captured, and nobody know of it."""

    def pay_in_vain(order_id: str) -> None:
        payments.fail("garbage", ATTEMPTS, order_id)
        assert pay(http, order_id).status == 502

    return pay_in_vain


def nothing(order_id: str) -> None:
    """Leave the order as it was placed."""


def test_a_payment_that_was_cut_off_is_completed_by_its_repeat(
    http: Api, payments: Payments, steps: Steps, stored: Callable[[str], Order]
) -> None:
    for order_id in steps(nothing, lambda order_id: pay(http, order_id)):
        assert pay(http, order_id).status == 200
        assert stored(order_id).status is OrderStatus.PAID
        payments.reconcile(stored(order_id))


def test_a_payment_that_was_cut_off_is_ended_by_its_timer(
    http: Api, steps: Steps, outcome_of_timer: Callable[[str], OrderStatus]
) -> None:
    cut_payments = steps(nothing, lambda order_id: pay(http, order_id))
    outcomes = set(map(outcome_of_timer, cut_payments))
    assert outcomes == {OrderStatus.PLACED, OrderStatus.PAID}


def test_a_timer_that_was_cut_off_ends_the_attempt_later(
    payments: Payments,
    steps: Steps,
    stored: Callable[[str], Order],
    timers: Timers,
    pay_without_answer: Work,
) -> None:
    for order_id in steps(pay_without_answer, lambda _: timers.let_pass(MINUTE)):
        timers.let_pass(MINUTE)
        assert stored(order_id).status is OrderStatus.PAID
        payments.reconcile(stored(order_id))


def test_a_cancellation_that_was_cut_off_gives_the_money_back_once(
    http: Api, payments: Payments, steps: Steps, stored: Callable[[str], Order], timers: Timers
) -> None:
    def give_up(order_id: str) -> None:
        http.post(f"/orders/{order_id}/cancellation", {"reason": "mistaken"}, CUSTOMER)
        timers.let_pass(MINUTE)

    for order_id in steps(lambda order_id: pay(http, order_id), give_up):
        give_up(order_id)
        assert stored(order_id).status is OrderStatus.CANCELLED
        assert len(payments.listed("refunds", order_id)) == 1
        payments.reconcile(stored(order_id))


def test_an_attempt_of_a_cancelled_order_gives_the_money_back_once(
    http: Api,
    payments: Payments,
    steps: Steps,
    stored: Callable[[str], Order],
    timers: Timers,
    pay_without_answer: Work,
) -> None:
    def pay_and_cancel(order_id: str) -> None:
        pay_without_answer(order_id)
        cancel(http, order_id)

    for order_id in steps(pay_and_cancel, lambda _: timers.let_pass(2 * MINUTE)):
        timers.let_pass(2 * MINUTE)
        assert stored(order_id).status is OrderStatus.CANCELLED
        assert len(payments.listed("refunds", order_id)) == 1
        payments.reconcile(stored(order_id))
