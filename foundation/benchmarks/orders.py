"""Orders with five lines, and their documents written by hand."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from bson.decimal128 import Decimal128

from carafe.contracts.envelope import Caller, CommandContext
from carafe.domain.address import Address
from carafe.domain.money import Money
from carafe.infrastructure.identifiers import new_id
from chalicelib.domain.order import Order
from chalicelib.domain.order_line import OrderLine

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LINES = 5
PAYMENT = "payment-019aa5b2"
PAID = {
    "payment_reference": PAYMENT,
    "total": {"amount": "381.20", "currency": "EUR"},
}

_PRODUCTS = (
    ("Carafe, 1 l", "24.90"),
    ("Tumbler, set of 6", "39.00"),
    ("Water filter, replacement cartridge", "12.50"),
    ("Tray, oak", "54.95"),
    ("Cork lid", "4.20"),
)


def an_order(number: int, customer_id: str | None = None) -> Order:
    """Return a new order with its event; a higher number is placed later."""
    return Order.place(
        order_id=new_id(),
        customer_id=customer_id or f"customer-{number % 997}",
        lines=tuple(_line(number, position) for position in range(LINES)),
        shipping_address=Address(
            recipient="Maria Weber",
            street=f"Lindenallee {number % 200 + 1}",
            city="Leipzig",
            postal_code="04109",
            country="DE",
        ),
        at=NOON + timedelta(milliseconds=number),
    )


def another_address(order: Order) -> Address:
    """Return the address after the change that is measured."""
    here = order.shipping_address
    return Address(
        recipient=here.recipient,
        street="Gartenstraße 3",
        city="Dresden",
        postal_code="01067",
        country=here.country,
    )


def a_context() -> CommandContext:
    """Return the context of a new command."""
    return CommandContext(
        command_id=new_id(),
        digest="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        caller=Caller(subject="maria", scopes=frozenset({"orders:write"})),
        correlation_id=new_id(),
    )


def address_document(address: Address) -> dict[str, Any]:
    """Return an address as it is stored."""
    return {
        "recipient": address.recipient,
        "street": address.street,
        "city": address.city,
        "postal_code": address.postal_code,
        "country": address.country,
    }


def state_document(order: Order) -> dict[str, Any]:
    """Return the attributes of an order as they are stored."""
    return {
        "customer_id": order.customer_id,
        "lines": [
            {
                "product_id": line.product_id,
                "name": line.name,
                "quantity": line.quantity,
                "unit_price": {
                    "amount": Decimal128(line.unit_price.amount),
                    "currency": line.unit_price.currency,
                },
            }
            for line in order.lines
        ],
        "shipping_address": address_document(order.shipping_address),
        "status": order.status.value,
        "placed_at": order.placed_at,
        "payment_reference": order.payment_reference,
        "shipment": None,
        "cancellation_reason": order.cancellation_reason,
        "payment_attempt": None,
        "refunds": None,
    }


def event_document(
    identifier: str, sequence: int, context: CommandContext, kind: str, data: dict[str, Any]
) -> dict[str, Any]:
    """Return a pending event as it is stored."""
    event_id, wire_type = new_id(), f"ordering.order.{kind}.v1"
    envelope = {
        "specversion": "1.0",
        "id": event_id,
        "source": "/ordering",
        "type": wire_type,
        "subject": identifier,
        "time": "2026-03-01T12:00:00.000Z",
        "datacontenttype": "application/json",
        "sequence": sequence,
        "correlationid": context.correlation_id,
        "causationid": context.command_id,
        "data": {"order_id": identifier, **data},
    }
    return {
        "id": event_id,
        "type": wire_type,
        "sequence": sequence,
        "body": json.dumps(envelope, separators=(",", ":"), ensure_ascii=False),
    }


def placed_data(order: Order) -> dict[str, Any]:
    """Return the data of the event of a placed order."""
    return {
        "customer_id": order.customer_id,
        "lines": [
            {
                "product_id": line.product_id,
                "name": line.name,
                "quantity": line.quantity,
                "unit_price": money_data(line.unit_price),
            }
            for line in order.lines
        ],
        "total": money_data(order.total),
        "shipping_address": address_document(order.shipping_address),
    }


def money_data(money: Money) -> dict[str, str]:
    """Return an amount as it is in events."""
    return {"amount": str(money.amount), "currency": money.currency}


def handled_document(context: CommandContext, version: int) -> dict[str, Any]:
    """Return the entry of a handled command as it is stored."""
    return {"id": context.command_id, "digest": context.digest, "version": version, "at": NOON}


def new_document(order: Order, context: CommandContext) -> dict[str, Any]:
    """Return the whole document of a new order."""
    return {
        "_id": order.id,
        "version": 1,
        "schema_version": 1,
        "sequence": 1,
        **state_document(order),
        "pending": [event_document(order.id, 1, context, "placed", placed_data(order))],
        "handled": [handled_document(context, 1)],
        "pending_since": NOON,
    }


def _line(number: int, position: int) -> OrderLine:
    name, price = _PRODUCTS[position % len(_PRODUCTS)]
    return OrderLine(
        product_id=new_id(),
        name=name,
        quantity=(number + position) % 9 + 1,
        unit_price=Money.of(price, "EUR"),
    )


def placed_again(order: Order) -> Order:
    """Return an equal new order, with its own event."""
    return Order.place(
        order_id=order.id,
        customer_id=order.customer_id,
        lines=order.lines,
        shipping_address=order.shipping_address,
        at=order.placed_at,
    )
