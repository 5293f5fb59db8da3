"""Ordering's rehearsal: an order from the request to the last event."""

from typing import Any

from carafe.development.lambda_events import Caller, request_event
from carafe.development.rehearse.rehearsal import Rehearsal, require
from carafe.infrastructure.identifiers import new_id

from chalicelib.contracts.commands import ShipOrder

CUSTOMER = Caller("maria", "orders:read orders:write")
OPERATOR = Caller("olga", "catalogue:write operations orders:read orders:write")

PRODUCT = {
    "sku": "CARAFE-1L",
    "name": "Carafe, 1 l",
    "price": {"amount": "24.90", "currency": "EUR"},
}
ADDRESS = {
    "recipient": "Maria Weber",
    "street": "Lindenallee 12",
    "city": "Leipzig",
    "postal_code": "04109",
    "country": "DE",
}


class OrderingRehearsal(Rehearsal):
    """An order is placed, bridged, paid by an event and shipped by a queued command.

    Another is not paid in time.
    """

    _product = ""

    def play(self) -> None:
        """Play an order from its request to its events."""
        self.refuse_a_token()
        order = self.create(new_id())
        self.bridge(order, ["ordering.order.placed.v1"])
        self.consume("payments.payment.captured.v1", order_id=order, payment_reference="p-1")
        self._require_status(order, "paid")
        self.execute(
            ShipOrder.wire_name, "warehouse", id=order, carrier="DHL", tracking_code="JD01"
        )
        self._require_status(order, "shipped")
        unpaid = self.create(new_id())
        self.call_timer("orders", unpaid)
        self._require_status(unpaid, "cancelled")
        self.sweep()

    def creation(self, key: str) -> dict[str, Any]:
        """Return the event of a request that places an order."""
        if not self._product:
            registration = request_event("POST", "/products", PRODUCT, caller=OPERATOR)
            self._product = self.call(registration, 201)["id"]
        line = {"product_id": self._product, "quantity": 2}
        body = {"lines": [line], "shipping_address": ADDRESS}
        return request_event("POST", "/orders", body, caller=CUSTOMER, key=key)

    def _require_status(self, order: str, status: str) -> None:
        view = self.call(request_event("GET", "/orders/{id}", caller=CUSTOMER, id=order), 200)
        require(view["status"] == status, f"the order is {view['status']} and not {status}")


REHEARSAL = OrderingRehearsal
