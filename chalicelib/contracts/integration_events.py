"""The events that other services may rely on, by their wire names.

`PUBLISHED` says which contract announces which event of the domain. A wire name is
`<context>.<aggregate>.<event>.v<version>`; without the version it is the routing key.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from chalicelib.domain import order_events, product
from chalicelib.domain.model import SCHEMA_ATTRIBUTE, DomainEvent

from .queries import OrderLineView
from .values import Address, Money

_WIRE_TYPE = re.compile(r"[a-z]+(_[a-z]+)*(\.[a-z]+(_[a-z]+)*){2}\.v[1-9][0-9]*")


class IntegrationEvent(Struct, frozen=True, kw_only=True):
    """Something that happened, told by one service to others.

    A field that it does not name is ignored, unlike a command's: a publisher may add some
    without asking its consumers.

    Attributes:
        wire_type: the CloudEvents `type`.
    """

    wire_type: ClassVar[str]

    @classmethod
    def publisher(cls) -> str:
        """Return the name of the service that publishes it: the first word of the wire type."""
        return cls.wire_type.partition(".")[0]

    @classmethod
    def data_of(cls, event: DomainEvent) -> dict[str, Any]:
        """Return the JSON values that announce an event of the domain.

        By default its own attributes; a contract that outlives a change of the domain
        overrides this. When it happened stands in the envelope.
        """
        values: dict[str, Any] = msgspec.to_builtins(event)
        del values["occurred_at"]
        return values


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
    """An order will not be fulfilled; `payment_reference` names what to give back."""

    wire_type: ClassVar[str] = "ordering.order.cancelled.v1"

    order_id: str
    reason: str
    payment_reference: str | None


PUBLISHED: Mapping[type[DomainEvent], type[IntegrationEvent]] = {
    product.ProductRegistered: ProductRegisteredV1,
    product.ProductPriceChanged: ProductPriceChangedV1,
    product.ProductDiscontinued: ProductDiscontinuedV1,
    order_events.OrderPlaced: OrderPlacedV1,
    order_events.ShippingAddressChanged: ShippingAddressChangedV1,
    order_events.OrderPaid: OrderPaidV1,
    order_events.OrderShipped: OrderShippedV1,
    order_events.OrderDelivered: OrderDeliveredV1,
    order_events.OrderCancelled: OrderCancelledV1,
}


def routing_key(wire_type: str) -> str:
    """Return the bus's routing key for a wire type: `ordering.order.placed`."""
    return wire_type.rpartition(".v")[0]


def faults_of(published: Mapping[type[DomainEvent], type[IntegrationEvent]]) -> list[str]:
    """Return what is wrong with the wire names: missing, malformed or taken twice."""
    faults = [
        f"{event.__name__} has no contract in PUBLISHED"
        for event in DomainEvent.__subclasses__()
        if SCHEMA_ATTRIBUTE in vars(event) and event not in published
    ]
    owners: dict[str, str] = {}
    for contract in published.values():
        wire_type = getattr(contract, "wire_type", "")
        if not _WIRE_TYPE.fullmatch(wire_type):
            faults.append(f"{contract.__name__}.wire_type is malformed: {wire_type!r}")
        owner = owners.setdefault(wire_type, contract.__name__)
        if owner != contract.__name__:
            faults.append(f"{wire_type} is taken by {owner} and {contract.__name__}")
    return faults
