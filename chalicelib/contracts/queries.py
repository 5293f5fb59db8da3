"""The queries, and the views that answer them."""

from typing import Annotated, ClassVar

from carafe.contracts.base import Contract, Query
from carafe.contracts.values import (
    Address,
    Cursor,
    Identifier,
    Limit,
    Moment,
    Money,
    ShownCursor,
    ShownId,
    ShownVersion,
    shown_as,
)

from chalicelib.domain.order import OrderStatus

from .scopes import READ_ORDERS


class ListProducts(Query, frozen=True):
    """A page of the catalogue, by SKU."""

    limit: Limit = 20
    cursor: Cursor | None = None


class GetProduct(Query, frozen=True):
    """One product."""

    id: Identifier


class ListOrders(Query, frozen=True):
    """A page of one's own orders, latest first; operators see everybody's."""

    scope: ClassVar[str | None] = READ_ORDERS

    status: OrderStatus | None = None
    limit: Limit = 20
    cursor: Cursor | None = None


class GetOrder(Query, frozen=True):
    """One order."""

    scope: ClassVar[str | None] = READ_ORDERS

    id: Identifier


class ProductView(Contract, frozen=True):
    """A product as the catalogue shows it."""

    id: ShownId
    version: ShownVersion
    sku: Annotated[str, shown_as("CARAFE-1L")]
    name: Annotated[str, shown_as("Carafe, 1 l")]
    price: Money


class OrderLineView(Contract, frozen=True):
    """One line of an order."""

    product_id: ShownId
    name: Annotated[str, shown_as("Carafe, 1 l")]
    quantity: Annotated[int, shown_as(2)]
    unit_price: Money


class ShipmentView(Contract, frozen=True):
    """Who carries the parcel, and the code to follow it by."""

    carrier: Annotated[str, shown_as("DHL")]
    tracking_code: Annotated[str, shown_as("JD0123456789")]


class OrderView(Contract, frozen=True):
    """An order as its customer sees it."""

    id: ShownId
    version: ShownVersion
    customer_id: Annotated[str, shown_as("maria")]
    status: Annotated[OrderStatus, shown_as("shipped")]
    placed_at: Moment
    lines: list[OrderLineView]
    total: Annotated[Money, shown_as({"amount": "25.00", "currency": "EUR"})]
    shipping_address: Address
    payment_reference: Annotated[str, shown_as("payment-019aa5b2")] | None
    shipment: ShipmentView | None
    cancellation_reason: Annotated[str | None, shown_as(None)]


class ProductPage(Contract, frozen=True):
    """Some products, and the cursor of the next page if there is one."""

    items: list[ProductView]
    next_cursor: ShownCursor | None


class OrderPage(Contract, frozen=True):
    """Some orders, and the cursor of the next page if there is one."""

    items: list[OrderView]
    next_cursor: ShownCursor | None
