"""Fulfilments over real servers: the shipping service does what it should, or does not.

Afterwards all is reconciled: the order, its fulfilment, its parcel and its money.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from carafe.development.event_sources import QueueTrigger
from carafe.development.servers.stack import Stack
from carafe.domain.errors import NotFound
from carafe.domain.process_state import ProcessStatus
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.repository import Repository
from carafe.testing.http import Api
from carafe.testing.sqs import Sqs
from carafe.testing.timers import Timers

from chalicelib.domain.fulfilment import NOT_IN_TIME, Fulfilment, fulfilment_id
from chalicelib.domain.order import OrderStatus
from chalicelib.infrastructure.settings import Settings
from tests.support.callers import OPERATOR
from tests.support.fulfilments import WEEK
from tests.support.paying import CurrentOrder, cancel, pay
from tests.support.payments import Payments
from tests.support.shipping import Shipping
from tests.support.traffic import Traffic


@dataclass
class Sale:
    """An order, and all that has to do with it."""

    order: CurrentOrder
    fulfilments: Repository[Fulfilment]
    http: Api
    payments: Payments
    timers: Timers

    @property
    def id(self) -> str:
        return self.order().id

    def fulfilment(self) -> Fulfilment:
        return self.fulfilments.get(fulfilment_id(self.id))

    def has_status(self, status: ProcessStatus) -> Callable[[], bool]:
        """Return whether the fulfilment has a status, as a condition."""

        def is_so() -> bool:
            try:
                return self.fulfilment().status is status
            except NotFound:
                return False

        return is_so

    def pay(self) -> None:
        assert pay(self.http, self.id).status == 200

    def cancel(self) -> None:
        cancel(self.http, self.id)

    def ship(self) -> None:
        """Let an operator note the shipment."""
        shipment = {"carrier": "Courier", "tracking_code": "C-1"}
        assert self.http.post(f"/orders/{self.id}/shipment", shipment, OPERATOR).status == 200

    def deliver(self) -> None:
        """Let an operator note the delivery."""
        assert self.http.post(f"/orders/{self.id}/delivery", {}, OPERATOR).status == 200

    def require_fulfilled(self) -> None:
        """Require that the order is delivered, and its money kept."""
        self.timers.let_pass(2 * WEEK)
        assert self.order().status is OrderStatus.DELIVERED
        assert self.fulfilment().status is ProcessStatus.COMPLETED
        self.payments.reconcile(self.order())

    def require_undone(self, reason: str) -> None:
        """Require that the order is cancelled, and its money given back once."""
        self.timers.let_pass(2 * WEEK)
        assert self.order().cancellation_reason == reason
        assert self.fulfilment().status is ProcessStatus.UNDONE
        self.require_refunded()

    def require_refunded(self) -> None:
        assert self.order().status is OrderStatus.CANCELLED
        assert len(self.payments.listed("refunds", self.id)) == 1
        self.payments.reconcile(self.order())


@pytest.fixture
def shipping(stack: Stack) -> Iterator[Shipping]:
    """The shipping service."""
    shipping = Shipping(stack.environment["SHIPPING_URL"])
    yield shipping
    shipping.forget_faults()


@pytest.fixture
def traffic(service: Container[Settings], sqs: Sqs, command_queue: QueueTrigger) -> Traffic:
    """The messages of the service."""
    return Traffic(service, sqs, command_queue)


@pytest.fixture
def sale(
    service: Container[Settings], http: Api, payments: Payments, order: CurrentOrder, timers: Timers
) -> Sale:
    """An order that was just placed."""
    return Sale(order, service.repository(Fulfilment), http, payments, timers)


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
