"""Fulfilments over real servers: the shipping service does what it should, or does not.

Afterwards all is reconciled: the order, its fulfilment, its parcel and its money.
"""

import pytest
from carafe.domain.process_state import ProcessStatus

from chalicelib.domain.fulfilment import NOT_IN_TIME
from chalicelib.domain.order import OrderStatus
from tests.support.fulfilments import WEEK
from tests.support.sales import Sale
from tests.support.shipping import Shipping
from tests.support.traffic import Traffic


@pytest.fixture
def asked(sale: Sale, traffic: Traffic, shipping: Shipping) -> Sale:
    """An order whose parcel is asked for, and which the shipping service ignores."""
    shipping.fail("silent", sale.id)
    sale.pay()
    traffic.until(sale.has_status(ProcessStatus.RUNNING))
    return sale


def test_a_paid_order_is_shipped_and_delivered(
    sale: Sale, traffic: Traffic, shipping: Shipping
) -> None:
    sale.pay()
    traffic.until(sale.has_status(ProcessStatus.COMPLETED))
    assert shipping.effects(sale.id) == ["dispatched", "delivered"]
    assert traffic.aside() == 0
    sale.require_fulfilled()


def test_an_operator_may_note_shipment_and_delivery(asked: Sale, traffic: Traffic) -> None:
    asked.ship()
    asked.deliver()
    traffic.until(asked.has_status(ProcessStatus.COMPLETED))
    asked.require_fulfilled()


def test_an_order_that_nobody_ships_is_given_up(
    asked: Sale, traffic: Traffic, shipping: Shipping
) -> None:
    asked.timers.let_pass(WEEK)
    traffic.until(asked.has_status(ProcessStatus.UNDONE))
    assert shipping.effects(asked.id) == ["recalled"]
    asked.require_undone(NOT_IN_TIME)


def test_an_order_whose_parcel_is_refused_is_given_up_at_once(
    sale: Sale, traffic: Traffic, shipping: Shipping
) -> None:
    shipping.fail("refused", sale.id)
    sale.pay()
    traffic.until(lambda: sale.order().status is OrderStatus.CANCELLED)
    assert shipping.effects(sale.id) == ["refused dispatch"]
    sale.require_undone("dispatch: not_possible")


def test_the_parcel_of_an_order_that_is_cancelled_is_recalled(
    asked: Sale, traffic: Traffic, shipping: Shipping
) -> None:
    asked.cancel()
    traffic.until(asked.has_status(ProcessStatus.UNDONE))
    assert shipping.effects(asked.id) == ["recalled"]
    asked.require_undone("changed my mind")


def test_a_shipment_before_the_deadline_is_kept(
    asked: Sale, traffic: Traffic, shipping: Shipping
) -> None:
    """The order is shipped, the deadline calls, and only then the event of the shipment comes."""
    asked.ship()
    asked.timers.let_pass(WEEK)
    traffic.relay()
    traffic.execute()
    assert asked.order().status is OrderStatus.SHIPPED
    asked.deliver()
    traffic.until(asked.has_status(ProcessStatus.COMPLETED))
    assert shipping.effects(asked.id) == []
    asked.require_fulfilled()


def test_a_shipment_that_is_told_after_giving_up_is_recalled(
    sale: Sale, traffic: Traffic, shipping: Shipping
) -> None:
    """The parcel has left, but the order is given up before anybody tells."""
    shipping.fail("late", sale.id)
    sale.pay()
    traffic.until(lambda: shipping.effects(sale.id) == ["dispatched"])
    sale.timers.let_pass(WEEK)
    traffic.until(sale.has_status(ProcessStatus.UNDONE))
    shipping.forget_faults()
    traffic.broker.wait_for(1)
    traffic.consume()
    assert traffic.aside() == 0
    assert shipping.effects(sale.id) == ["dispatched", "recalled"]
    sale.require_undone(NOT_IN_TIME)


def test_what_comes_twice_takes_effect_once(
    sale: Sale, traffic: Traffic, shipping: Shipping
) -> None:
    shipping.fail("silent", sale.id)
    shipping.fail("twice", sale.id, "recall")
    sale.pay()
    traffic.double("ordering.order.paid.v1")
    traffic.consume()
    sale.cancel()
    traffic.double("ordering.order.cancelled.v1")
    traffic.until(lambda: sale.fulfilment().has_ended and traffic.broker.count() == 0)
    assert sale.fulfilment().version == 3
    assert shipping.effects(sale.id) == ["recalled"]
    assert traffic.aside() == 0
    sale.require_undone("changed my mind")


def test_a_recall_that_is_refused_needs_a_person(
    asked: Sale, traffic: Traffic, shipping: Shipping
) -> None:
    shipping.fail("refused", asked.id, "recall")
    asked.cancel()
    traffic.until(asked.has_status(ProcessStatus.STUCK))
    asked.timers.let_pass(WEEK)
    assert asked.has_status(ProcessStatus.STUCK)()
    asked.require_refunded()


def test_an_order_that_was_never_paid_has_no_fulfilment(sale: Sale, traffic: Traffic) -> None:
    sale.cancel()
    traffic.relay()
    traffic.broker.wait_for(1)
    traffic.consume()
    assert (traffic.broker.count(), traffic.aside()) == (0, 0)
