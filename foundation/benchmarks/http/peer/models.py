"""What the peer receives, stores and answers."""
# mypy: disable-error-code="import-untyped,import-not-found,no-any-unimported,misc"

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from beanie import DecimalAnnotation, Document
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pymongo import ASCENDING, DESCENDING, IndexModel

Identifier = Annotated[str, StringConstraints(pattern="^[!-~]{1,64}$")]
Quantity = Annotated[int, Field(ge=1, le=1000)]
Key = Annotated[str, StringConstraints(pattern="^[!-~]{1,255}$")]


def _text(longest: int) -> StringConstraints:
    """Return the rule for a text that is not only spaces and has no control characters."""
    pattern = r"^[^\x00-\x1f\x7f]*[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$"
    return StringConstraints(min_length=1, max_length=longest, pattern=pattern)


class Model(BaseModel):
    """Refuses a field that it does not name."""

    model_config = ConfigDict(extra="forbid")


class Money(Model):
    """An amount and its currency."""

    amount: DecimalAnnotation
    currency: Annotated[str, StringConstraints(pattern="^[A-Z]{3}$")]


class Address(Model):
    """A postal address."""

    recipient: Annotated[str, _text(100)]
    street: Annotated[str, _text(200)]
    city: Annotated[str, _text(100)]
    postal_code: Annotated[str, _text(20)]
    country: Annotated[str, StringConstraints(pattern="^[A-Z]{2}$")]


class WantedLine(Model):
    """So many of one product."""

    product_id: Identifier
    quantity: Quantity


class PlaceOrder(Model):
    """The body of the request."""

    lines: Annotated[list[WantedLine], Field(min_length=1, max_length=100)]
    shipping_address: Address


class Placed(Model):
    """The answer to a placed order."""

    id: str
    version: int


class Status(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class Line(BaseModel):
    """One line of an order."""

    product_id: str
    name: str
    quantity: int
    unit_price: Money


class Shipment(BaseModel):
    """The carrier of the parcel, and the code to track it by."""

    carrier: str
    tracking_code: str


class Product(Document):
    """What can be ordered."""

    id: str
    name: str
    price: Money

    class Settings:
        """Where it is kept."""

        name = "products"


class Order(Document):
    """What a customer ordered; its total is stored, so that a read need not add it up."""

    id: str
    version: int = 1
    customer_id: str
    status: Status = Status.PLACED
    placed_at: datetime
    lines: list[Line]
    total: Money
    shipping_address: Address
    payment_reference: str | None = None
    shipment: Shipment | None = None
    cancellation_reason: str | None = None

    class Settings:
        """Where it is kept, with the indexes that the lists need."""

        name = "orders"
        indexes: ClassVar = [
            IndexModel([*equal, ("placed_at", DESCENDING), ("_id", DESCENDING)])
            for equal in (
                [("customer_id", ASCENDING)],
                [("customer_id", ASCENDING), ("status", ASCENDING)],
                [],
                [("status", ASCENDING)],
            )
        ]


class OrderPage(BaseModel):
    """Some orders, and the cursor of the next page if there is one."""

    items: list[Order]
    next_cursor: str | None


class OutboxEvent(Document):
    """An event that waits for its publication, ready to be sent."""

    id: str
    routing_key: str
    body: str

    class Settings:
        """Where it is kept."""

        name = "outbox"
