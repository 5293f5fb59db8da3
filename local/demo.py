"""The first order: products registered and an order placed over HTTP, its event consumed."""

import secrets
import time
from collections.abc import Callable
from typing import Any

from carafe.development.first_event import Api, DemoFailed, FirstEvent, Place, event_of
from carafe.infrastructure.event_bus.port import EventBus, ReceivedMessage

USUAL_SCOPES = "orders:read orders:write"

CUSTOMER = ("maria", USUAL_SCOPES)
MERCHANT = ("mel", "catalogue:write")

_CATALOGUE = [("Carafe, 1 l", "24.90", 1), ("Tumbler, 250 ml", "6.50", 4)]
_ADDRESS = {
    "recipient": "Maria Weber",
    "street": "Lindenallee 12",
    "city": "Leipzig",
    "postal_code": "04109",
    "country": "DE",
}


class OrderingDemo:
    """Fills the port `Demo`."""

    usual_scopes = USUAL_SCOPES
    example_path = "/orders"

    def cause_first_event(
        self, place: Place, bus: EventBus, say: Callable[[str], None]
    ) -> FirstEvent:
        """Register products, place an order, and wait for its event on the bus.

        Args:
            place: where.
            bus: on which its events arrive.
            say: told each step.

        Raises:
            DemoFailed: an answer or the event is not the right one, or came too late.
            TokenNotIssued: the issuer gave no token.
        """
        api = Api(place.url)
        merchant, customer = place.sign_in(*MERCHANT), place.sign_in(*CUSTOMER)
        batch = secrets.token_hex(3).upper()
        lines = []
        for position, (name, price, quantity) in enumerate(_CATALOGUE, start=1):
            product = {
                "sku": f"DEMO-{batch}-{position}",
                "name": name,
                "price": {"amount": price, "currency": "EUR"},
            }
            registered = api.post("/products", product, merchant)
            say(f"registered {name}")
            lines.append({"product_id": registered["id"], "quantity": quantity})
        order = {"lines": lines, "shipping_address": _ADDRESS}
        with bus.subscribe(["ordering.order.#"]) as subscription:
            began = time.monotonic()
            order_id = api.post("/orders", order, customer)["id"]
            say(f"placed order {order_id}")
            event, received = event_of(order_id, subscription)
        _require_right(event, received)
        return FirstEvent(event, (time.monotonic() - began) * 1000)


def _require_right(event: dict[str, Any], received: ReceivedMessage) -> None:
    """Compare the event with the order."""
    expected = {
        "type": "ordering.order.placed.v1",
        "sequence": 1,
        "customer": "maria",
        "total": {"amount": "50.90", "currency": "EUR"},
        "message id": event.get("id"),
    }
    data = event.get("data", {})
    actual = {
        "type": event.get("type"),
        "sequence": event.get("sequence"),
        "customer": data.get("customer_id"),
        "total": data.get("total"),
        "message id": received.id,
    }
    differences = [name for name, value in expected.items() if actual[name] != value]
    if differences:
        raise DemoFailed(f"the event is not the order's: wrong {', '.join(differences)}")


DEMO = OrderingDemo()
