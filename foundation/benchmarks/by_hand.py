"""Pymongo where there is no repository: every document is written out, and read, by hand.

Aggregates go in and come out, as with Carafe; the event and the command's entry are made
while the clock runs. Sizes are not checked, and moments are constants.
"""

from collections.abc import Sequence
from typing import Any

from pymongo.database import Database

from carafe.contracts.envelope import CommandContext
from carafe.domain.address import Address
from carafe.domain.money import Money
from chalicelib.domain.order import Order, OrderStatus, Shipment
from chalicelib.domain.order_line import OrderLine

from . import orders
from .bare import Bare, Document, update_of

Record = tuple[Order, CommandContext]


class ByHand:
    """Turns orders into documents and back around the same calls of the driver."""

    name = "by hand"
    collection = "orders_by_hand"

    def __init__(self, database: Database[Document]) -> None:
        self._bare = Bare(database, self.collection)

    def new_record(self, order: Order, context: CommandContext) -> Record:
        """Return the order as it is."""
        return order, context

    def add(self, record: Record) -> None:
        """Write the document out, and insert it."""
        self._bare.add(orders.new_document(*record))

    def get(self, identifier: str) -> Order:
        """Find the document, and make the order."""
        document = self._bare.get(identifier)
        if document is None:
            raise LookupError(identifier)
        return _order(document)

    def paid_record(self, identifier: str) -> Record:
        """Return the order, paid."""
        context = orders.a_context()
        order = _order(self._bare.loaded(identifier, context))
        order.pay(orders.PAYMENT, at=orders.NOON)
        return order, context

    def save(self, record: Record) -> None:
        """Write the update out, and send it."""
        order, context = record
        self._bare.save(update_of(_document(order), context, "paid", orders.PAID))

    def change(self, identifier: str) -> None:
        """Find the document, make and change the order, write it back."""
        context = orders.a_context()
        order = _order(self._bare.loaded(identifier, context))
        order.change_shipping_address(orders.another_address(order), at=orders.NOON)
        data = {"shipping_address": orders.address_document(order.shipping_address)}
        self._bare.save(update_of(_document(order), context, "shipping_address_changed", data))

    def list(self) -> Sequence[Order]:
        """Find the documents, and make the orders."""
        return [_order(each) for each in self._bare.list()]


def _document(order: Order) -> Document:
    return {
        "_id": order.id,
        "version": order.version,
        "sequence": order.sequence,
        **orders.state_document(order),
    }


def _order(document: Document) -> Order:
    shipment = document["shipment"]
    return Order(
        id=document["_id"],
        version=document["version"],
        sequence=document["sequence"],
        customer_id=document["customer_id"],
        lines=tuple(_line(each) for each in document["lines"]),
        shipping_address=Address(**document["shipping_address"]),
        status=OrderStatus(document["status"]),
        placed_at=document["placed_at"],
        payment_reference=document["payment_reference"],
        shipment=None if shipment is None else Shipment(**shipment),
        cancellation_reason=document["cancellation_reason"],
    )


def _line(stored: dict[str, Any]) -> OrderLine:
    price = stored["unit_price"]
    return OrderLine(
        product_id=stored["product_id"],
        name=stored["name"],
        quantity=stored["quantity"],
        unit_price=Money(amount=price["amount"].to_decimal(), currency=price["currency"]),
    )
