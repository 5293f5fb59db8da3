"""Mongoengine, as its users write documents."""
# mypy: disable-error-code="import-untyped,import-not-found,misc,no-any-return"

from collections.abc import Sequence
from typing import Any

import mongoengine as me
from pymongo import MongoClient

from carafe.contracts.envelope import CommandContext
from chalicelib.domain.order import Order, OrderStatus

from . import orders
from .contender import LISTED


class MoneyValue(me.EmbeddedDocument):
    """An amount."""

    amount = me.Decimal128Field(required=True)
    currency = me.StringField(required=True, max_length=3)


class LineValue(me.EmbeddedDocument):
    """An order line."""

    product_id = me.StringField(required=True)
    name = me.StringField(required=True)
    quantity = me.IntField(required=True, min_value=1)
    unit_price = me.EmbeddedDocumentField(MoneyValue, required=True)


class AddressValue(me.EmbeddedDocument):
    """An address."""

    recipient = me.StringField(required=True)
    street = me.StringField(required=True)
    city = me.StringField(required=True)
    postal_code = me.StringField(required=True)
    country = me.StringField(required=True, max_length=2)


class ShipmentValue(me.EmbeddedDocument):
    """A shipment."""

    carrier = me.StringField(required=True)
    tracking_code = me.StringField(required=True)


class EventValue(me.EmbeddedDocument):
    """A pending event."""

    id = me.StringField(required=True)
    type = me.StringField(required=True)
    sequence = me.IntField(required=True)
    body = me.StringField(required=True)


class HandledValue(me.EmbeddedDocument):
    """A handled command."""

    id = me.StringField(required=True)
    digest = me.StringField(required=True)
    version = me.IntField(required=True)
    at = me.DateTimeField(required=True)


class OrderRecord(me.Document):
    """An order."""

    meta = {"collection": "orders_mongoengine", "auto_create_index": False}  # noqa: RUF012 - the way

    id = me.StringField(primary_key=True)
    version = me.IntField(required=True)
    schema_version = me.IntField(required=True)
    sequence = me.IntField(required=True)
    customer_id = me.StringField(required=True)
    lines = me.EmbeddedDocumentListField(LineValue, required=True)
    shipping_address = me.EmbeddedDocumentField(AddressValue, required=True)
    status = me.EnumField(OrderStatus, required=True)
    placed_at = me.DateTimeField(required=True)
    payment_reference = me.StringField(null=True)
    shipment = me.EmbeddedDocumentField(ShipmentValue, null=True)
    cancellation_reason = me.StringField(null=True)
    pending = me.EmbeddedDocumentListField(EventValue)
    handled = me.EmbeddedDocumentListField(HandledValue)
    pending_since = me.DateTimeField()


class Mongoengine:
    """Documents of classes, whose changes are tracked."""

    name = "mongoengine"
    collection = "orders_mongoengine"

    def __init__(self, client: MongoClient[dict[str, Any]], database: str) -> None:
        # The same client as for the other contenders: no option differs.
        me.connect(database, mongo_client_class=lambda **_options: client)

    def new_record(self, order: Order, context: CommandContext) -> OrderRecord:
        """Return the document, made through its class."""
        stored = orders.new_document(order, context)
        stored["id"] = stored.pop("_id")
        lines = [
            LineValue(**(line | {"unit_price": MoneyValue(**line["unit_price"])}))
            for line in stored["lines"]
        ]
        parts = {
            "lines": lines,
            "shipping_address": AddressValue(**stored["shipping_address"]),
            "status": order.status,
            "pending": [EventValue(**each) for each in stored["pending"]],
            "handled": [HandledValue(**each) for each in stored["handled"]],
        }
        return OrderRecord(**(stored | parts))

    def add(self, record: OrderRecord) -> None:
        """Save the new document; forced, it is a plain insert."""
        record.save(force_insert=True)

    def get(self, identifier: str) -> object:
        """Get the document."""
        return OrderRecord.objects.exclude("pending", "handled").get(id=identifier)

    def paid_record(self, identifier: str) -> OrderRecord:
        """Return the document, paid."""
        record = OrderRecord.objects.get(id=identifier)
        record.status = OrderStatus.PAID
        record.payment_reference = orders.PAYMENT
        _note(record, "paid", orders.PAID)
        return record

    def save(self, record: OrderRecord) -> None:
        """Save the changes, if the version is still the one that was read."""
        record.save(save_condition={"version": record.version - 1})

    def change(self, identifier: str) -> None:
        """Get, change, save."""
        record = OrderRecord.objects.get(id=identifier)
        address = record.shipping_address
        address.street, address.city, address.postal_code = "Gartenstraße 3", "Dresden", "01067"
        _note(record, "shipping_address_changed", {"shipping_address": address.to_mongo()})
        self.save(record)

    def list(self) -> Sequence[object]:
        """Find the documents."""
        query = OrderRecord.objects.exclude("pending", "handled").order_by("-placed_at", "-id")
        return list(query.limit(LISTED))


def _note(record: OrderRecord, kind: str, data: dict[str, Any]) -> None:
    """Append an event and a command."""
    context = orders.a_context()
    record.version += 1
    record.sequence += 1
    event = orders.event_document(record.id, record.sequence, context, kind, data)
    record.pending.append(EventValue(**event))
    record.handled.append(HandledValue(**orders.handled_document(context, record.version)))
