"""Events of an order."""

from carafe.domain.address import Address
from carafe.domain.model import DomainEvent, schema
from carafe.domain.money import Money

from .order_line import OrderLine


@schema()
class OrderPlaced(DomainEvent):
    """A customer placed an order."""

    order_id: str
    customer_id: str
    lines: tuple[OrderLine, ...]
    total: Money
    shipping_address: Address


@schema()
class ShippingAddressChanged(DomainEvent):
    """The parcel goes to another address."""

    order_id: str
    shipping_address: Address


@schema()
class OrderPaymentStarted(DomainEvent):
    """The payment service is about to be asked for the money."""

    order_id: str
    total: Money


@schema()
class OrderPaymentFailed(DomainEvent):
    """An attempt to pay has captured nothing; the order still waits for its payment."""

    order_id: str


@schema()
class OrderPaid(DomainEvent):
    """The money for the order was captured."""

    order_id: str
    payment_reference: str
    total: Money


@schema()
class OrderShipped(DomainEvent):
    """The parcel is with the carrier."""

    order_id: str
    carrier: str
    tracking_code: str


@schema()
class OrderDelivered(DomainEvent):
    """The parcel is with the customer."""

    order_id: str


@schema()
class OrderCancelled(DomainEvent):
    """The order will not be fulfilled.

    Attributes:
        payment_reference: the payment that is owed back; None if nothing was paid.
    """

    order_id: str
    reason: str
    payment_reference: str | None


@schema()
class OrderRefunded(DomainEvent):
    """A payment was given back.

    Attributes:
        payment_reference: of the payment.
    """

    order_id: str
    payment_reference: str
