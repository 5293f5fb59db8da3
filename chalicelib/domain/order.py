"""An order, from placing to delivery.

placed ──► paid ──► shipped ──► delivered
  └─────────┴─► cancelled

How it is paid, and what becomes of money that it must give back: see `order_payment`.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
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
    OrderPaymentFailed,
    OrderPaymentStarted,
    OrderPlaced,
    OrderRefunded,
    OrderShipped,
    ShippingAddressChanged,
)
from .order_line import OrderLine, require_lines
from .order_payment import (
    FIRST_CHECK,
    SHORTEST_WAIT,
    SOON,
    PaymentAttempt,
    PaymentCheck,
    PaymentDue,
    PaymentInProgress,
    Refund,
    RefundDue,
    captured_reference,
    wait_since,
)
from .payments import Captured, PaymentOutcome


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
    payment_attempt: PaymentAttempt | None = None
    refunds: tuple[Refund, ...] | None = None

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

    def expect_payment(self, within: timedelta, *, at: datetime) -> None:
        """Let the order be cancelled unless it is paid in time."""
        self.set_timer(PaymentDue, within, at=at)

    def begin_payment(self, key: str, *, at: datetime) -> None:
        """Begin an attempt to pay, before the provider is asked.

        Raises:
            PaymentInProgress: another attempt is open.
            RuleBroken: the order is not waiting for its payment.
        """
        self._require_can_become(OrderStatus.PAID)
        if self.payment_attempt is not None:
            raise PaymentInProgress("This order is being paid already; wait for the outcome.")
        self.payment_attempt = PaymentAttempt(key=key, started_at=at)
        self.set_timer(PaymentCheck, FIRST_CHECK, at=at, key=key)
        self.record(OrderPaymentStarted(order_id=self.id, total=self.total, occurred_at=at))

    def awaits_charge(self, key: str) -> bool:
        """Whether the provider may be asked to capture the money, by the attempt with a key."""
        return self._is_open(key) and self.status is OrderStatus.PLACED

    def complete_payment(self, key: str, outcome: PaymentOutcome, *, at: datetime) -> None:
        """End an attempt that must have paid the order.

        Raises:
            PaymentDeclined: the payer's bank declined.
            RuleBroken: the attempt was given up, or the order no longer waits for its money.
        """
        if captured_reference(outcome) != self.payment_reference:
            self._require_can_become(OrderStatus.PAID)
        self.end_payment(key, outcome, at=at)

    def end_payment(self, key: str, outcome: PaymentOutcome, *, at: datetime) -> None:
        """Note what became of an attempt, and receive its money; a repeat changes nothing."""
        if self._is_open(key):
            self.payment_attempt = None
            self.cancel_timer(PaymentCheck, key)
            if not isinstance(outcome, Captured):
                self.record(OrderPaymentFailed(order_id=self.id, occurred_at=at))
        if isinstance(outcome, Captured):
            self.receive_payment(outcome.reference, at=at)

    def check_payment_later(self, key: str, *, at: datetime) -> None:
        """Leave an attempt open, whose outcome the provider does not tell yet."""
        attempt = self.payment_attempt
        if attempt is not None and attempt.key == key:
            self.set_timer(PaymentCheck, wait_since(attempt.started_at, at), at=at, key=key)

    def receive_payment(self, payment_reference: str, *, at: datetime) -> None:
        """Take money for the order, or owe it back; a repeat changes nothing."""
        if self.status is OrderStatus.PLACED:
            self.pay(payment_reference, at=at)
        elif payment_reference != self.payment_reference:
            self._owe(payment_reference, at)

    def pay(self, payment_reference: str, *, at: datetime) -> None:
        """Record that the money was captured.

        Raises:
            RuleBroken: the order is not waiting for its payment.
        """
        self._require_can_become(OrderStatus.PAID)
        self.status = OrderStatus.PAID
        self.payment_reference = payment_reference
        self.cancel_timer(PaymentDue)
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
        self.cancel_timer(PaymentDue)
        self.record(
            OrderCancelled(
                order_id=self.id,
                reason=reason,
                payment_reference=self.payment_reference,
                occurred_at=at,
            )
        )
        if self.payment_reference is not None:
            self._owe(self.payment_reference, at)

    def cancel_unpaid(self, *, at: datetime) -> None:
        """Cancel an order that was not paid in time; an attempt that is open has its chance."""
        if self.payment_attempt is not None:
            self.set_timer(PaymentDue, SHORTEST_WAIT, at=at)
        elif self.status is OrderStatus.PLACED:
            self.cancel("not paid in time", at=at)

    def give_up(self, reason: str, *, at: datetime) -> None:
        """Cancel an order that still waits for its shipment; nothing happens to any other."""
        if self.status is OrderStatus.PAID:
            self.cancel(reason, at=at)

    @property
    def owed_refunds(self) -> tuple[Refund, ...]:
        """Payments to give back."""
        return tuple(each for each in self.refunds or () if each.is_owed)

    def note_refunds(self, payment_references: Collection[str], *, at: datetime) -> None:
        """Note which payments were given back; the provider is asked for the others later."""
        refunds = self.refunds or ()
        made = [e for e in self.owed_refunds if e.payment_reference in payment_references]
        self.refunds = tuple(each.made(at) if each in made else each for each in refunds)
        for each in made:
            event = OrderRefunded(
                order_id=self.id, payment_reference=each.payment_reference, occurred_at=at
            )
            self.record(event)
        if owed := self.owed_refunds:
            self.set_timer(RefundDue, wait_since(owed[0].requested_at, at), at=at)

    def _owe(self, payment_reference: str, at: datetime) -> None:
        refunds = self.refunds or ()
        if all(each.payment_reference != payment_reference for each in refunds):
            self.refunds = (*refunds, Refund(payment_reference=payment_reference, requested_at=at))
            self.set_timer(RefundDue, SOON, at=at)

    def _is_open(self, key: str) -> bool:
        return self.payment_attempt is not None and self.payment_attempt.key == key

    def _require_can_become(self, status: OrderStatus) -> None:
        """Require that the order may change to this status."""
        if self.status not in _FOLLOWS[status]:
            before = " or ".join(sorted(earlier.value for earlier in _FOLLOWS[status]))
            raise RuleBroken(
                f"Only an order that is {before} can become {status.value}; "
                f"this order is {self.status.value}.",
                code=f"order_cannot_become_{status.value}",
            )
