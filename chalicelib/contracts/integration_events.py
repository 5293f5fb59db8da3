"""The events that other services may rely on, by their wire names.

`PUBLISHED` says which contract announces which event of the domain.
"""

from typing import ClassVar

from carafe.contracts.integration_events import IntegrationEvent, Published
from carafe.contracts.values import Address, Money

from chalicelib.domain import order_events, product

from .queries import OrderLineView


class ProductRegisteredV1(IntegrationEvent, frozen=True):
    """A product entered the catalogue."""

    wire_type: ClassVar[str] = "ordering.product.registered.v1"

    product_id: str
    sku: str
    name: str
    price: Money


class ProductPriceChangedV1(IntegrationEvent, frozen=True):
    """A product costs something else from now on."""

    wire_type: ClassVar[str] = "ordering.product.price_changed.v1"

    product_id: str
    old_price: Money
    new_price: Money


class ProductDiscontinuedV1(IntegrationEvent, frozen=True):
    """A product left the catalogue."""

    wire_type: ClassVar[str] = "ordering.product.discontinued.v1"

    product_id: str
    sku: str


class OrderPlacedV1(IntegrationEvent, frozen=True):
    """A customer ordered."""

    wire_type: ClassVar[str] = "ordering.order.placed.v1"

    order_id: str
    customer_id: str
    lines: list[OrderLineView]
    total: Money
    shipping_address: Address


class ShippingAddressChangedV1(IntegrationEvent, frozen=True):
    """The parcel goes elsewhere."""

    wire_type: ClassVar[str] = "ordering.order.shipping_address_changed.v1"

    order_id: str
    shipping_address: Address


class OrderPaymentStartedV1(IntegrationEvent, frozen=True):
    """The payment service is about to be asked for the money."""

    wire_type: ClassVar[str] = "ordering.order.payment_started.v1"

    order_id: str
    total: Money


class OrderPaymentFailedV1(IntegrationEvent, frozen=True):
    """An attempt to pay has captured nothing; the customer may try again."""

    wire_type: ClassVar[str] = "ordering.order.payment_failed.v1"

    order_id: str


class OrderPaidV1(IntegrationEvent, frozen=True):
    """The money for an order was captured."""

    wire_type: ClassVar[str] = "ordering.order.paid.v1"

    order_id: str
    payment_reference: str
    total: Money


class OrderShippedV1(IntegrationEvent, frozen=True):
    """The parcel is with the carrier."""

    wire_type: ClassVar[str] = "ordering.order.shipped.v1"

    order_id: str
    carrier: str
    tracking_code: str


class OrderDeliveredV1(IntegrationEvent, frozen=True):
    """The parcel is with the customer."""

    wire_type: ClassVar[str] = "ordering.order.delivered.v1"

    order_id: str


class OrderCancelledV1(IntegrationEvent, frozen=True):
    """An order will not be fulfilled; the payment that `payment_reference` names is given back."""

    wire_type: ClassVar[str] = "ordering.order.cancelled.v1"

    order_id: str
    reason: str
    payment_reference: str | None


class OrderRefundedV1(IntegrationEvent, frozen=True):
    """A payment for an order was given back."""

    wire_type: ClassVar[str] = "ordering.order.refunded.v1"

    order_id: str
    payment_reference: str


PUBLISHED: Published = {
    product.ProductRegistered: ProductRegisteredV1,
    product.ProductPriceChanged: ProductPriceChangedV1,
    product.ProductDiscontinued: ProductDiscontinuedV1,
    order_events.OrderPlaced: OrderPlacedV1,
    order_events.ShippingAddressChanged: ShippingAddressChangedV1,
    order_events.OrderPaymentStarted: OrderPaymentStartedV1,
    order_events.OrderPaymentFailed: OrderPaymentFailedV1,
    order_events.OrderPaid: OrderPaidV1,
    order_events.OrderShipped: OrderShippedV1,
    order_events.OrderDelivered: OrderDeliveredV1,
    order_events.OrderCancelled: OrderCancelledV1,
    order_events.OrderRefunded: OrderRefundedV1,
}
