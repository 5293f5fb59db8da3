"""The queries, and the views that answer them."""

from datetime import datetime
from typing import Annotated, ClassVar

from msgspec import Meta

from chalicelib.domain.order import OrderStatus

from .base import READ_ORDERS, Contract, Query
from .values import Address, Identifier, Money

LARGEST_PAGE = 100

Limit = Annotated[int, Meta(ge=1, le=LARGEST_PAGE)]
Cursor = Annotated[str, Meta(min_length=1, max_length=512)]


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

    id: str
    version: int
    sku: str
    name: str
    price: Money


class OrderLineView(Contract, frozen=True):
    """One line of an order."""

    product_id: str
    name: str
    quantity: int
    unit_price: Money


class ShipmentView(Contract, frozen=True):
    """Who carries the parcel, and the code to follow it by."""

    carrier: str
    tracking_code: str


class OrderView(Contract, frozen=True):
    """An order as its customer sees it."""

    id: str
    version: int
    customer_id: str
    status: OrderStatus
    placed_at: datetime
    lines: list[OrderLineView]
    total: Money
    shipping_address: Address
    payment_reference: str | None
    shipment: ShipmentView | None
    cancellation_reason: str | None


class ProductPage(Contract, frozen=True):
    """Some products, and the cursor of the next page if there is one."""

    items: list[ProductView]
    next_cursor: str | None


class OrderPage(Contract, frozen=True):
    """Some orders, and the cursor of the next page if there is one."""

    items: list[OrderView]
    next_cursor: str | None
