"""Documents of any number of orders, as they are once their events are relayed."""

from datetime import timedelta
from typing import Any

from carafe.infrastructure.identifiers import new_id

from . import orders

# A customer who owns a tenth of all orders, so that there are deep pages at every size.
GREAT_CUSTOMER = "customer-great"
ONE_IN = 10


def relayed_orders(start: int, count: int) -> list[dict[str, Any]]:
    """Return documents with consecutive numbers; a higher number is placed later."""
    return [_document(number) for number in range(start, start + count)]


def pending_orders(count: int) -> list[dict[str, Any]]:
    """Return documents of orders that are placed and paid, with both events still pending."""
    return [_pending() for _ in range(count)]


def _pending() -> dict[str, Any]:
    """Return one of them: the first, with other ids."""
    order_id = new_id()
    entries = [_entry_of(order_id, each) for each in _PENDING["pending"]]
    return _PENDING | {"_id": order_id, "pending": entries}


def _entry_of(order_id: str, entry: dict[str, Any]) -> dict[str, Any]:
    event_id = new_id()
    body = entry["body"].replace(entry["id"], event_id).replace(_PENDING["_id"], order_id)
    return entry | {"id": event_id, "body": body}


def _document(number: int) -> dict[str, Any]:
    """Return one of them: the first, with other ids, customer, numbers and moments."""
    customer = GREAT_CUSTOMER if number % ONE_IN == 0 else f"customer-{number % 99_991}"
    placed_at = orders.NOON + timedelta(seconds=number)
    return _PATTERN | {
        "_id": new_id(),
        "customer_id": customer,
        "lines": [line | {"quantity": number % 9 + 1} for line in _PATTERN["lines"]],
        "placed_at": placed_at,
        "handled": [_PATTERN["handled"][0] | {"id": new_id(), "at": placed_at}],
    }


def _relayed() -> dict[str, Any]:
    """Return the document of an order whose event the relay has taken."""
    document = orders.new_document(orders.an_order(0), orders.a_context())
    del document["pending_since"]
    return document | {"pending": []}


def _placed_and_paid() -> dict[str, Any]:
    order, context = orders.an_order(0), orders.a_context()
    document = orders.new_document(order, context)
    document["pending"].append(orders.event_document(order.id, 2, context, "paid", orders.PAID))
    return document | {"sequence": 2}


_PATTERN = _relayed()

_PENDING = _placed_and_paid()
