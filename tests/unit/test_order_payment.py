"""How an order is paid: attempts, what becomes of them, and money that is owed back."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from carafe.domain.errors import RuleBroken
from carafe.testing.examples import NOON

from chalicelib.domain.order import Order, OrderStatus
from chalicelib.domain.order_events import (
    OrderCancelled,
    OrderPaid,
    OrderPaymentFailed,
    OrderPaymentStarted,
    OrderRefunded,
)
from chalicelib.domain.order_payment import (
    PaymentCheck,
    PaymentDue,
    PaymentInProgress,
    RefundDue,
)
from chalicelib.domain.payments import (
    Captured,
    Declined,
    PaymentDeclined,
    PaymentOutcome,
    Voided,
)
from tests.support.orders import (
    a_cancelled_order,
    a_delivered_order,
    a_paid_order,
    a_refundable_order,
    a_shipped_order,
    an_order,
    an_order_being_paid,
)

CAPTURED = Captured(reference="payment-1")
LATER = NOON + timedelta(seconds=10)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def owed(order: Order) -> list[str]:
    return [each.payment_reference for each in order.owed_refunds]


def due(order: Order, timer: type, key: str = "") -> datetime | None:
    active = order.timer(timer, key)
    return active.due if active else None


# One attempt


def test_an_attempt_is_known_before_the_money_moves() -> None:
    order = an_order_being_paid("one")
    assert order.payment_attempt is not None
    assert (order.payment_attempt.key, order.payment_attempt.started_at) == ("one", NOON)
    assert order.status is OrderStatus.PLACED
    assert order.awaits_charge("one")
    assert not order.awaits_charge("another")
    assert due(order, PaymentCheck, "one") == NOON + MINUTE
    assert isinstance(order.recorded[-1], OrderPaymentStarted)


def test_money_that_was_captured_pays_the_order() -> None:
    order = an_order_being_paid("one")
    order.complete_payment("one", CAPTURED, at=LATER)
    assert (order.status, order.payment_reference) == (OrderStatus.PAID, "payment-1")
    assert order.payment_attempt is None
    assert order.timers == ()
    assert isinstance(order.recorded[-1], OrderPaid)


@pytest.mark.parametrize(
    ("outcome", "refusal", "code"),
    [(Declined(), PaymentDeclined, "payment_declined"), (Voided(), RuleBroken, "payment_voided")],
)
def test_an_attempt_that_captured_nothing_ends_and_another_may_begin(
    outcome: PaymentOutcome, refusal: type[RuleBroken], code: str
) -> None:
    order = an_order_being_paid("one")
    with pytest.raises(refusal) as refused:
        order.complete_payment("one", outcome, at=LATER)
    assert refused.value.code == code
    order.end_payment("one", outcome, at=LATER)
    assert (order.status, order.payment_attempt, order.timers) == (OrderStatus.PLACED, None, ())
    assert isinstance(order.recorded[-1], OrderPaymentFailed)
    order.begin_payment("two", at=LATER)
    assert order.awaits_charge("two")


def test_while_an_attempt_is_open_no_other_begins() -> None:
    order = an_order_being_paid("one")
    for key in ("one", "two"):
        with pytest.raises(PaymentInProgress) as refused:
            order.begin_payment(key, at=LATER)
        assert refused.value.code == "payment_in_progress"
    assert order.awaits_charge("one")


@pytest.mark.parametrize(
    "make", [a_paid_order, a_shipped_order, a_delivered_order, a_cancelled_order]
)
def test_no_attempt_begins_unless_the_order_waits_for_its_payment(
    make: Callable[[], Order],
) -> None:
    order = make()
    with pytest.raises(RuleBroken, match=f"this order is {order.status.value}"):
        order.begin_payment("one", at=LATER)
    assert order.payment_attempt is None


@pytest.mark.parametrize("outcome", [CAPTURED, Declined(), Voided()])
def test_an_end_that_is_told_again_changes_nothing(outcome: PaymentOutcome) -> None:
    order = an_order_being_paid("one")
    order.end_payment("one", outcome, at=LATER)
    events = len(order.recorded)
    order.end_payment("one", outcome, at=LATER)
    assert len(order.recorded) == events
    assert order.refunds is None


def test_the_end_of_an_earlier_attempt_leaves_the_open_one_alone() -> None:
    order = an_order_being_paid("one")
    order.end_payment("one", Declined(), at=LATER)
    order.begin_payment("two", at=LATER)
    order.end_payment("one", Declined(), at=LATER)
    assert order.awaits_charge("two")
    assert due(order, PaymentCheck, "two")


@pytest.mark.parametrize(
    ("passed", "wait"), [(MINUTE, MINUTE), (10 * MINUTE, 10 * MINUTE), (5 * HOUR, HOUR)]
)
def test_an_attempt_without_answer_is_checked_ever_more_rarely(
    passed: timedelta, wait: timedelta
) -> None:
    order = an_order_being_paid("one")
    order.check_payment_later("one", at=NOON + passed)
    assert order.awaits_charge("one")
    assert due(order, PaymentCheck, "one") == NOON + passed + wait


def test_an_attempt_that_has_ended_is_not_checked_again() -> None:
    order = an_order_being_paid("one")
    order.end_payment("one", Declined(), at=LATER)
    order.check_payment_later("one", at=LATER)
    assert order.timers == ()


# An attempt, and what happens meanwhile


def test_an_order_that_is_cancelled_during_an_attempt_owes_the_money_back() -> None:
    order = an_order_being_paid("one")
    order.cancel("changed my mind", at=LATER)
    assert not order.awaits_charge("one")
    with pytest.raises(RuleBroken, match="this order is cancelled"):
        order.complete_payment("one", CAPTURED, at=LATER)
    order.end_payment("one", CAPTURED, at=LATER)
    assert (order.status, order.payment_attempt) == (OrderStatus.CANCELLED, None)
    assert order.payment_reference is None
    assert owed(order) == ["payment-1"]
    assert due(order, RefundDue) == LATER + timedelta(seconds=1)
    assert [type(each) for each in order.recorded[-2:]] == [OrderPaymentStarted, OrderCancelled]


def test_an_order_that_is_cancelled_after_its_attempt_owes_the_money_back() -> None:
    order = an_order_being_paid("one")
    order.complete_payment("one", CAPTURED, at=LATER)
    order.cancel("changed my mind", at=LATER)
    assert owed(order) == ["payment-1"]
    order.complete_payment("one", CAPTURED, at=LATER)  # a repeat of what was true once
    assert owed(order) == ["payment-1"]


@pytest.mark.parametrize("outcome", [Declined(), Voided()])
def test_a_cancelled_order_whose_attempt_captured_nothing_owes_nothing(
    outcome: PaymentOutcome,
) -> None:
    order = an_order_being_paid("one")
    order.cancel("changed my mind", at=LATER)
    order.end_payment("one", outcome, at=LATER)
    assert (order.payment_attempt, order.refunds, order.timers) == (None, None, ())


def test_the_event_of_an_open_attempts_payment_pays_once() -> None:
    order = an_order_being_paid("one")
    order.receive_payment("payment-1", at=LATER)
    assert order.status is OrderStatus.PAID
    assert order.payment_attempt is not None, "its outcome is still unknown"
    events = len(order.recorded)
    order.complete_payment("one", CAPTURED, at=LATER)
    assert order.payment_attempt is None
    assert order.refunds is None
    assert len(order.recorded) == events


def test_of_two_payments_one_is_owed_back() -> None:
    order = an_order_being_paid("one")
    order.receive_payment("from elsewhere", at=LATER)
    with pytest.raises(RuleBroken, match="this order is paid"):
        order.complete_payment("one", CAPTURED, at=LATER)
    order.end_payment("one", CAPTURED, at=LATER)
    assert (order.status, order.payment_reference) == (OrderStatus.PAID, "from elsewhere")
    assert owed(order) == ["payment-1"]


@pytest.mark.parametrize("make", [a_paid_order, a_shipped_order, a_delivered_order])
def test_a_payment_that_is_announced_again_changes_nothing(make: Callable[[], Order]) -> None:
    order = make()
    order.receive_payment("payment-1", at=LATER)
    assert order.refunds is None


def test_money_for_a_cancelled_order_is_owed_back_once() -> None:
    order = a_cancelled_order()
    for _ in range(2):
        order.receive_payment("payment-1", at=LATER)
    assert owed(order) == ["payment-1"]


# Not paid in time


def test_an_order_that_is_not_paid_in_time_is_cancelled() -> None:
    order = an_order()
    order.expect_payment(HOUR, at=NOON)
    assert due(order, PaymentDue) == NOON + HOUR
    order.cancel_unpaid(at=NOON + HOUR)
    event = order.recorded[-1]
    assert isinstance(event, OrderCancelled)
    assert (event.reason, event.payment_reference) == ("not paid in time", None)


@pytest.mark.parametrize(
    "move",
    [
        lambda order: order.pay("payment-1", at=LATER),
        lambda order: order.cancel("changed my mind", at=LATER),
    ],
)
def test_an_order_that_no_longer_waits_has_no_time_limit(move: Callable[[Order], None]) -> None:
    order = an_order()
    order.expect_payment(HOUR, at=NOON)
    move(order)
    assert order.timer(PaymentDue) is None


def test_an_attempt_that_is_open_when_the_time_is_over_has_its_chance() -> None:
    order = an_order_being_paid("one")
    order.cancel_unpaid(at=LATER)
    assert order.status is OrderStatus.PLACED
    assert due(order, PaymentDue) == LATER + MINUTE
    order.complete_payment("one", CAPTURED, at=LATER)
    assert (order.status, order.timers) == (OrderStatus.PAID, ())


# Money back


def test_a_refund_is_noted_once() -> None:
    order = a_refundable_order()
    assert due(order, RefundDue)
    for _ in range(2):
        order.note_refunds(["payment-1"], at=LATER)
    assert owed(order) == []
    assert [each.refunded_at for each in order.refunds or ()] == [LATER]
    refunds = [each for each in order.recorded if isinstance(each, OrderRefunded)]
    assert [each.payment_reference for each in refunds] == ["payment-1"]


def test_a_refund_that_was_not_made_is_asked_for_later() -> None:
    order = a_refundable_order()
    order.receive_payment("payment-2", at=NOON)
    order.note_refunds(["payment-2"], at=NOON + 5 * MINUTE)
    assert owed(order) == ["payment-1"]
    assert due(order, RefundDue) == NOON + 10 * MINUTE
