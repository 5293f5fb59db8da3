"""Attempts to pay that meet each other, a cancellation, or their end: no charge is lost.

A real provider, whose ledger is compared with the order.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from carafe.testing.clock import AdvanceableClock
from carafe.testing.description import Answer
from carafe.testing.http import Api
from carafe.testing.timers import Timers

from chalicelib.domain.order import OrderStatus
from tests.support.callers import CUSTOMER
from tests.support.paying import (
    ATTEMPTS,
    TOTAL,
    CurrentOrder,
    Gateway,
    cancel,
    pay,
)
from tests.support.payments import Payments

MINUTE = timedelta(minutes=1)


# At once


@pytest.mark.parametrize("count", [2, 50])
def test_of_keys_at_once_one_captures_the_money(
    http: Api, payments: Payments, order_id: str, order: CurrentOrder, count: int
) -> None:
    keys = [f"key-{number}" for number in range(count)]
    with ThreadPoolExecutor(count) as pool:
        answers = list(pool.map(lambda key: pay(http, order_id, key), keys))
    assert sorted(each.status for each in answers) == [200] + [409] * (count - 1)
    refusals = {each.body["code"] for each in answers if each.status == 409}
    assert refusals <= {"payment_in_progress", "order_cannot_become_paid"}
    assert payments.captured(order_id) == [TOTAL]
    assert len(payments.listed("attempts", order_id)) == 1
    payments.reconcile(order())


def test_one_key_at_once_has_one_answer(
    http: Api, payments: Payments, order_id: str, order: CurrentOrder
) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: pay(http, order_id), range(8)))
    assert [each.status for each in answers] == [200] * 8
    assert len({each.body["version"] for each in answers}) == 1
    assert payments.captured(order_id) == [TOTAL]
    payments.reconcile(order())


def test_while_an_attempt_is_open_another_key_is_told_so(
    http: Api, gateway: Gateway, payments: Payments, order_id: str, order: CurrentOrder
) -> None:
    others: list[Answer] = []

    def pay_as_well() -> None:
        gateway.before_charge = lambda: None
        others.append(pay(http, order_id, "another"))

    gateway.before_charge = pay_as_well
    assert pay(http, order_id).status == 200
    assert [(each.status, each.body["code"]) for each in others] == [(409, "payment_in_progress")]
    payments.reconcile(order())


def test_the_version_that_is_expected_is_the_one_before_the_attempt(
    http: Api, payments: Payments, order_id: str, order: CurrentOrder
) -> None:
    payments.fail("garbage", ATTEMPTS, order_id)
    headers = {**CUSTOMER, "Idempotency-Key": "pay-1", "If-Match": '"1"'}
    statuses = [http.post(f"/orders/{order_id}/payment", {}, headers).status for _ in range(3)]
    assert statuses == [502, 200, 200]
    payments.reconcile(order())


# A cancellation in the middle


@pytest.mark.parametrize("moment", ["before_charge", "after_charge"])
def test_an_order_that_is_cancelled_while_it_is_paid_gives_the_money_back(
    http: Api,
    gateway: Gateway,
    payments: Payments,
    order: CurrentOrder,
    timers: Timers,
    moment: str,
) -> None:
    order_id = order().id
    setattr(gateway, moment, lambda: cancel(http, order_id))
    refused = pay(http, order_id)
    assert (refused.status, refused.body["code"]) == (409, "order_cannot_become_paid")
    assert [each.is_owed for each in order().refunds or ()] == [True]
    again = pay(http, order_id)
    assert (again.status, again.body["code"]) == (409, "order_cannot_become_paid")
    timers.let_pass(MINUTE)
    assert order().status is OrderStatus.CANCELLED
    assert len(payments.listed("refunds", order_id)) == 1
    payments.reconcile(order())


def test_an_order_that_is_cancelled_before_its_attempt_goes_on_is_not_charged(
    http: Api, payments: Payments, order_id: str, order: CurrentOrder
) -> None:
    payments.fail("refused", ATTEMPTS, order_id)
    assert pay(http, order_id).status == 502
    cancel(http, order_id)
    refused = pay(http, order_id)
    assert (refused.status, refused.body["code"]) == (409, "payment_voided")
    assert payments.captured(order_id) == []
    payments.reconcile(order())


def test_cancellations_and_payments_at_once_leave_no_money_behind(
    http: Api,
    payments: Payments,
    order_id: str,
    order: CurrentOrder,
    timers: Timers,
) -> None:
    payments.fail("slow", 1, order_id)
    with ThreadPoolExecutor(9) as pool:
        paying = [pool.submit(pay, http, order_id, f"key-{number}") for number in range(8)]
        pool.submit(cancel, http, order_id).result()
    assert {each.result().status for each in paying} <= {200, 409}
    timers.let_pass(2 * MINUTE)
    timers.let_pass(2 * MINUTE)
    assert order().status is OrderStatus.CANCELLED
    payments.reconcile(order())


# An attempt that was cut off


@pytest.mark.parametrize("fault", ["slow", "server_error", "garbage", "half_answer"])
def test_a_charge_without_answer_is_found_by_the_timer(
    http: Api,
    payments: Payments,
    order_id: str,
    order: CurrentOrder,
    timers: Timers,
    fault: str,
) -> None:
    payments.fail(fault, ATTEMPTS, order_id)
    assert pay(http, order_id).status == 502
    assert order().status is OrderStatus.PLACED
    timers.let_pass(MINUTE)
    assert order().status is OrderStatus.PAID
    payments.reconcile(order())
    repeated = pay(http, order_id)
    assert (repeated.status, pay(http, order_id).body) == (200, repeated.body)
    assert payments.captured(order_id) == [TOTAL]


@pytest.mark.parametrize("fault", ["refused", "late"])
def test_a_charge_that_did_not_arrive_never_will(
    http: Api,
    payments: Payments,
    order_id: str,
    order: CurrentOrder,
    timers: Timers,
    fault: str,
) -> None:
    payments.fail(fault, ATTEMPTS, order_id)
    assert pay(http, order_id).status == 502
    assert pay(http, order_id, "another").body["code"] == "payment_in_progress"
    timers.let_pass(MINUTE)
    payments.forget_faults()  # a charge that is late arrives now
    assert order().status is OrderStatus.PLACED
    repeated = pay(http, order_id)
    assert (repeated.status, repeated.body["code"]) == (409, "payment_voided")
    assert pay(http, order_id, "another").status == 200
    assert payments.captured(order_id) == [TOTAL]
    payments.reconcile(order())


def test_a_declined_attempt_that_was_cut_off_is_declined_still(
    http: Api,
    payments: Payments,
    order_id: str,
    order: CurrentOrder,
    timers: Timers,
) -> None:
    payments.fail("garbage", ATTEMPTS, order_id)
    assert pay(http, order_id, method="declined").status == 502
    timers.let_pass(MINUTE)
    for _ in range(2):
        assert pay(http, order_id, method="declined").status == 402
    payments.reconcile(order())


def test_a_declined_key_is_declined_whatever_came_after_it(
    http: Api, payments: Payments, order_id: str, order: CurrentOrder
) -> None:
    assert pay(http, order_id, "first", "declined").status == 402
    assert pay(http, order_id, "second").status == 200
    assert pay(http, order_id, "first", "declined").status == 402
    payments.reconcile(order())


def test_an_order_that_is_cancelled_after_the_cut_gives_the_money_back(
    http: Api,
    payments: Payments,
    order_id: str,
    order: CurrentOrder,
    timers: Timers,
) -> None:
    payments.fail("slow", ATTEMPTS, order_id)
    assert pay(http, order_id).status == 502
    cancel(http, order_id)
    timers.let_pass(MINUTE)
    timers.let_pass(MINUTE)
    assert order().status is OrderStatus.CANCELLED
    assert len(payments.listed("refunds", order_id)) == 1
    payments.reconcile(order())


@pytest.mark.parametrize("operation", ["void", "refund"])
@pytest.mark.parametrize("fault", ["slow", "server_error", "garbage", "half_answer", "refused"])
def test_a_timer_asks_again_when_the_provider_does_not_answer(
    http: Api,
    payments: Payments,
    order_id: str,
    order: CurrentOrder,
    timers: Timers,
    operation: str,
    fault: str,
) -> None:
    payments.fail("slow", ATTEMPTS, order_id)
    payments.fail(fault, ATTEMPTS, order_id, operation)
    assert pay(http, order_id).status == 502
    cancel(http, order_id)
    for _ in range(4):
        timers.let_pass(timedelta(hours=1))
    assert len(payments.listed("refunds", order_id)) == 1
    payments.reconcile(order())


# In time


def test_an_order_that_is_not_paid_in_time_is_cancelled(
    http: Api,
    payments: Payments,
    order: CurrentOrder,
    timers: Timers,
) -> None:
    timers.let_pass(29 * MINUTE)
    assert order().status is OrderStatus.PLACED
    timers.let_pass(MINUTE)
    assert (order().status, order().cancellation_reason) == (
        OrderStatus.CANCELLED,
        "not paid in time",
    )
    assert pay(http, order().id).status == 409
    payments.reconcile(order())


def test_a_payment_that_is_under_way_when_the_time_is_over_counts(
    http: Api,
    gateway: Gateway,
    payments: Payments,
    order_id: str,
    order: CurrentOrder,
    timers: Timers,
    clock: AdvanceableClock,
) -> None:
    clock.advance(29 * MINUTE + timedelta(seconds=45))

    def over_the_time() -> None:
        timers.let_pass(timedelta(seconds=30))

    gateway.before_charge = over_the_time
    assert pay(http, order_id).status == 200
    timers.let_pass(10 * MINUTE)
    assert order().status is OrderStatus.PAID
    payments.reconcile(order())


def test_an_order_that_was_paid_is_not_cancelled(
    http: Api,
    payments: Payments,
    order_id: str,
    order: CurrentOrder,
    timers: Timers,
) -> None:
    assert pay(http, order_id).status == 200
    timers.let_pass(timedelta(days=1))
    assert order().status is OrderStatus.PAID
    payments.reconcile(order())
