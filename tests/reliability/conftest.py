"""What tests of reliability share: the fixtures of payments."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from carafe.infrastructure.container import Container
from carafe.testing.http import Api
from carafe.testing.timers import Timers

from chalicelib.domain.order import Order, OrderStatus
from chalicelib.infrastructure.settings import Settings
from tests.support.paying import pay
from tests.support.payments import Payments

MINUTE = timedelta(minutes=1)


@pytest.fixture
def stored(service: Container[Settings]) -> Callable[[str], Order]:
    """Return an order as it is stored now."""
    return service.repository(Order).get


@pytest.fixture
def outcome_of_timer(
    http: Api, payments: Payments, stored: Callable[[str], Order], timers: Timers
) -> Callable[[str], OrderStatus]:
    """Let the timer end an attempt to pay; another key pays then, if no money was captured.

    Returns:
        The order's status after the timer.
    """

    def ended_by_timer(order_id: str) -> OrderStatus:
        timers.let_pass(MINUTE)
        order = stored(order_id)
        payments.reconcile(order)
        if order.status is OrderStatus.PLACED:
            assert pay(http, order_id, "another").status == 200
            payments.reconcile(stored(order_id))
        return order.status

    return ended_by_timer
