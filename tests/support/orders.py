"""Orders and what they consist of, ready made."""

from collections.abc import Sequence
from datetime import datetime

from carafe.infrastructure.identifiers import new_id
from carafe.testing.examples import AN_ADDRESS, NOON, an_address
from carafe.testing.http import Api

from chalicelib.domain.order import Order, Shipment
from chalicelib.domain.order_line import OrderLine
from tests.support.callers import CUSTOMER
from tests.support.products import a_registered_product, euros


def a_line(quantity: int = 1, price: str = "10.00") -> OrderLine:
    """Return so many of some product."""
    return OrderLine(
        product_id=new_id(), name="Carafe, 1 l", quantity=quantity, unit_price=euros(price)
    )


class AnOrder:
    """Builds an order up to a status: `AnOrder().paid().shipped().order`."""

    def __init__(self, customer_id: str = "maria", lines: int = 1, at: datetime = NOON) -> None:
        self.order = Order.place(
            order_id=new_id(),
            customer_id=customer_id,
            lines=tuple(a_line() for _ in range(lines)),
            shipping_address=an_address(),
            at=at,
        )

    def paid(self) -> "AnOrder":
        self.order.pay("payment-1", at=NOON)
        return self

    def shipped(self) -> "AnOrder":
        self.order.ship(Shipment(carrier="DHL", tracking_code="JD01"), at=NOON)
        return self

    def delivered(self) -> "AnOrder":
        self.order.deliver(at=NOON)
        return self

    def cancelled(self) -> "AnOrder":
        self.order.cancel("changed my mind", at=NOON)
        return self


def in_every_status() -> Sequence[Order]:
    """Return an order in each status."""
    return [
        AnOrder(lines=3).order,
        AnOrder().paid().order,
        AnOrder().paid().shipped().order,
        AnOrder().paid().shipped().delivered().order,
        AnOrder().cancelled().order,
        AnOrder().paid().cancelled().order,
    ]


def a_placed_order(http: Api, product_id: str | None = None, quantity: int = 2) -> str:
    """Place an order through the API, and return its id."""
    line = {"product_id": product_id or a_registered_product(http), "quantity": quantity}
    answer = http.post("/orders", {"lines": [line], "shipping_address": AN_ADDRESS}, CUSTOMER)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])
