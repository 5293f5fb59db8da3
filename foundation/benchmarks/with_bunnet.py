"""Bunnet, as its users write documents: pydantic's models."""
# mypy: disable-error-code="import-not-found,misc,no-any-return,assignment,union-attr"

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import bunnet
from bunnet import DecimalAnnotation
from pydantic import BaseModel, Field
from pymongo.database import Database

from carafe.contracts.envelope import CommandContext
from chalicelib.domain.order import Order, OrderStatus

from . import orders
from .contender import LISTED


class MoneyValue(BaseModel):
    """An amount."""

    amount: DecimalAnnotation
    currency: str


class LineValue(BaseModel):
    """An order line."""

    product_id: str
    name: str
    quantity: int
    unit_price: MoneyValue


class AddressValue(BaseModel):
    """An address."""

    recipient: str
    street: str
    city: str
    postal_code: str
    country: str


class ShipmentValue(BaseModel):
    """A shipment."""

    carrier: str
    tracking_code: str


class EventValue(BaseModel):
    """A pending event."""

    id: str
    type: str
    sequence: int
    body: str


class HandledValue(BaseModel):
    """A handled command."""

    id: str
    digest: str
    version: int
    at: datetime


class OrderState(BaseModel):
    """An order, as it is read."""

    id: str = Field(alias="_id")
    version: int
    schema_version: int
    sequence: int
    customer_id: str
    lines: list[LineValue]
    shipping_address: AddressValue
    status: OrderStatus
    placed_at: datetime
    payment_reference: str | None = None
    shipment: ShipmentValue | None = None
    cancellation_reason: str | None = None


class OrderRecord(bunnet.Document):
    """An order, as it is stored."""

    id: str
    version: int
    schema_version: int
    sequence: int
    customer_id: str
    lines: list[LineValue]
    shipping_address: AddressValue
    status: OrderStatus
    placed_at: datetime
    payment_reference: str | None = None
    shipment: ShipmentValue | None = None
    cancellation_reason: str | None = None
    pending: list[EventValue]
    handled: list[HandledValue]
    pending_since: datetime | None = None

    class Settings:
        """Where it is stored."""

        name = "orders_bunnet"


class Bunnet:
    """Pydantic models that store themselves."""

    name = "bunnet"
    collection = "orders_bunnet"

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        bunnet.init_bunnet(database=database, document_models=[OrderRecord])

    def new_record(self, order: Order, context: CommandContext) -> OrderRecord:
        """Return the document, made through its class."""
        return OrderRecord.model_validate(orders.new_document(order, context))

    def add(self, record: OrderRecord) -> None:
        """Insert the document."""
        record.insert()

    def get(self, identifier: str) -> object:
        """Find the document, without its events and commands."""
        return OrderRecord.find_one({"_id": identifier}, projection_model=OrderState).run()

    def paid_record(self, identifier: str) -> OrderRecord:
        """Return the document, paid."""
        record = _loaded(identifier)
        record.status = OrderStatus.PAID
        record.payment_reference = orders.PAYMENT
        _note(record, "paid", orders.PAID)
        return record

    def save(self, record: OrderRecord) -> None:
        """Replace the document: the fastest of bunnet's ways to store an object's change."""
        record.replace()

    def change(self, identifier: str) -> None:
        """Get, change, replace."""
        record = _loaded(identifier)
        address = record.shipping_address
        address.street, address.city, address.postal_code = "Gartenstraße 3", "Dresden", "01067"
        _note(record, "shipping_address_changed", {"shipping_address": address.model_dump()})
        record.replace()

    def list(self) -> Sequence[object]:
        """Find the documents."""
        query = OrderRecord.find_all(projection_model=OrderState)
        return query.sort("-placed_at", "-_id").limit(LISTED).to_list()


def _loaded(identifier: str) -> OrderRecord:
    record = OrderRecord.get(identifier).run()
    if record is None:
        raise LookupError(identifier)
    return record


def _note(record: OrderRecord, kind: str, data: dict[str, Any]) -> None:
    """Append an event and a command."""
    context = orders.a_context()
    record.version += 1
    record.sequence += 1
    event = orders.event_document(record.id, record.sequence, context, kind, data)
    record.pending.append(EventValue(**event))
    record.handled.append(HandledValue(**orders.handled_document(context, record.version)))
