"""Orders, products and what they consist of, ready made."""

from datetime import UTC, datetime, timedelta

from carafe.contracts.envelope import CommandContext
from carafe.domain.address import Address
from carafe.domain.money import Money
from carafe.infrastructure.identifiers import new_id
from carafe.testing import contexts
from chalicelib.contracts.scopes import SCOPES
from chalicelib.domain.order import Order, Shipment
from chalicelib.domain.order_line import OrderLine
from chalicelib.domain.product import Product

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
EARLIER, LATER = NOON - timedelta(milliseconds=1), NOON + timedelta(milliseconds=1)

ALL_SCOPES = SCOPES


def an_address(**changes: str) -> Address:
    parts = {
        "recipient": "Maria Weber",
        "street": "Lindenallee 12",
        "city": "Leipzig",
        "postal_code": "04109",
        "country": "DE",
    }
    return Address(**(parts | changes))


def euros(amount: str) -> Money:
    return Money.of(amount, "EUR")


def a_line(quantity: int = 1, price: str = "10.00") -> OrderLine:
    return OrderLine(
        product_id=new_id(), name="Carafe, 1 l", quantity=quantity, unit_price=euros(price)
    )


class AnOrder:
    """Builds an order up to a status: `AnOrder().paid().shipped().order`."""

    def __init__(self, customer_id: str = "maria", lines: int = 1) -> None:
        self.order = Order.place(
            order_id=new_id(),
            customer_id=customer_id,
            lines=tuple(a_line() for _ in range(lines)),
            shipping_address=an_address(),
            at=NOON,
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


def an_order_at(moment: datetime, customer_id: str = "maria", city: str = "Leipzig") -> Order:
    return Order.place(
        order_id=new_id(),
        customer_id=customer_id,
        lines=(a_line(),),
        shipping_address=an_address(city=city),
        at=moment,
    )


def a_product(sku: str = "CARAFE-1L", price: str = "24.90") -> Product:
    return Product.register(
        product_id=new_id(), sku=sku, name="Carafe, 1 l", price=euros(price), at=NOON
    )


def a_context(
    subject: str = "maria", *, command_id: str | None = None, digest: str = "digest"
) -> CommandContext:
    return contexts.a_context(subject, ALL_SCOPES, command_id=command_id, digest=digest)
