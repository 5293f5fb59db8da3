"""An order, from placing to delivery.

placed ──► paid ──► shipped ──► delivered
  └─────────┴─► cancelled
"""

from datetime import datetime
from enum import Enum

from carafe.domain.address import Address
from carafe.domain.errors import RuleBroken
from carafe.domain.model import AggregateRoot, Index, ValueObject, schema
from carafe.domain.money import Money
from carafe.domain.requirements import LONGEST_TEXT, require_text

from .order_events import (
    OrderCancelled,
    OrderDelivered,
    OrderPaid,
    OrderPlaced,
    OrderShipped,
    ShippingAddressChanged,
)
from .order_line import OrderLine, require_lines


class OrderStatus(Enum):
    """Where an order stands."""

    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


_FOLLOWS = {
    OrderStatus.PAID: {OrderStatus.PLACED},
    OrderStatus.SHIPPED: {OrderStatus.PAID},
    OrderStatus.DELIVERED: {OrderStatus.SHIPPED},
    OrderStatus.CANCELLED: {OrderStatus.PLACED, OrderStatus.PAID},
}


@schema()
class Shipment(ValueObject):
    """The carrier of the parcel, and the code to track it by."""

    carrier: str
    tracking_code: str

    def __post_init__(self) -> None:
        require_text(self.carrier, "carrier", LONGEST_TEXT)
        require_text(self.tracking_code, "tracking_code", LONGEST_TEXT)


@schema(
    collection="orders",
    indexes=(
        Index(("customer_id", "-placed_at", "-id")),
        Index(("customer_id", "status", "-placed_at", "-id")),
        Index(("-placed_at", "-id")),
        Index(("status", "-placed_at", "-id")),
    ),
)
class Order(AggregateRoot):
    """What a customer ordered, and how far it has come."""

    customer_id: str
    lines: tuple[OrderLine, ...]
    shipping_address: Address
    status: OrderStatus
    placed_at: datetime
    payment_reference: str | None = None
    shipment: Shipment | None = None
    cancellation_reason: str | None = None

    @classmethod
    def place(
        cls,
        *,
        order_id: str,
        customer_id: str,
        lines: tuple[OrderLine, ...],
        shipping_address: Address,
        at: datetime,
    ) -> "Order":
        """Place a new order.

        Raises:
            InvalidValue: no lines, too many, or lines in more than one currency.
        """
        require_text(customer_id, "customer_id", LONGEST_TEXT)
        require_lines(len(lines))
        order = cls(
            id=order_id,
            customer_id=customer_id,
            lines=lines,
            shipping_address=shipping_address,
            status=OrderStatus.PLACED,
            placed_at=at,
        )
        order.record(
            OrderPlaced(
                order_id=order_id,
                customer_id=customer_id,
                lines=lines,
                total=order.total,
                shipping_address=shipping_address,
                occurred_at=at,
            )
        )
        return order

    @property
    def total(self) -> Money:
        """What the customer pays."""
        return Money.total(line.total for line in self.lines)

    def change_shipping_address(self, shipping_address: Address, *, at: datetime) -> None:
        """Change where the parcel goes.

        Raises:
            RuleBroken: the order is shipped, delivered or cancelled.
        """
        if self.status not in {OrderStatus.PLACED, OrderStatus.PAID}:
            raise RuleBroken(
                "The shipping address can change only before the order is shipped; "
                f"this order is {self.status.value}.",
                code="address_is_final",
            )
        self.shipping_address = shipping_address
        self.record(
            ShippingAddressChanged(
                order_id=self.id, shipping_address=shipping_address, occurred_at=at
            )
        )

    def require_can_be_paid(self) -> None:
        """Require, before any money moves, that the order can be paid.

        Raises:
            RuleBroken: the order is not waiting for its payment.
        """
        self._require_can_become(OrderStatus.PAID)

    def pay(self, payment_reference: str, *, at: datetime) -> None:
        """Record that the money was captured.

        Raises:
            RuleBroken: the order is not waiting for its payment.
        """
        self._require_can_become(OrderStatus.PAID)
        self.status = OrderStatus.PAID
        self.payment_reference = payment_reference
        self.record(
            OrderPaid(
                order_id=self.id,
                payment_reference=payment_reference,
                total=self.total,
                occurred_at=at,
            )
        )

    def ship(self, shipment: Shipment, *, at: datetime) -> None:
        """Record that the carrier has the parcel.

        Raises:
            RuleBroken: the order is not paid, or already on its way.
        """
        self._require_can_become(OrderStatus.SHIPPED)
        self.status = OrderStatus.SHIPPED
        self.shipment = shipment
        self.record(
            OrderShipped(
                order_id=self.id,
                carrier=shipment.carrier,
                tracking_code=shipment.tracking_code,
                occurred_at=at,
            )
        )

    def deliver(self, *, at: datetime) -> None:
        """Record that the customer has the parcel.

        Raises:
            RuleBroken: the order is not on its way.
        """
        self._require_can_become(OrderStatus.DELIVERED)
        self.status = OrderStatus.DELIVERED
        self.record(OrderDelivered(order_id=self.id, occurred_at=at))

    def cancel(self, reason: str, *, at: datetime) -> None:
        """Cancel the order before it is shipped.

        Raises:
            InvalidValue: the reason is empty or too long.
            RuleBroken: the order is on its way, delivered or already cancelled.
        """
        require_text(reason, "reason", LONGEST_TEXT)
        self._require_can_become(OrderStatus.CANCELLED)
        self.status = OrderStatus.CANCELLED
        self.cancellation_reason = reason
        self.record(
            OrderCancelled(
                order_id=self.id,
                reason=reason,
                payment_reference=self.payment_reference,
                occurred_at=at,
            )
        )

    def _require_can_become(self, status: OrderStatus) -> None:
        """Require that the order may change to this status."""
        if self.status not in _FOLLOWS[status]:
            before = " or ".join(sorted(earlier.value for earlier in _FOLLOWS[status]))
            raise RuleBroken(
                f"Only an order that is {before} can become {status.value}; "
                f"this order is {self.status.value}.",
                code=f"order_cannot_become_{status.value}",
            )
