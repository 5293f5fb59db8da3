"""Every operation of the API, ready to be called."""

from dataclasses import dataclass
from typing import Any

from carafe.api.endpoints import Operation
from carafe.testing.description import Answer
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.http import Api, Headers
from carafe.testing.tokens import SignedIn
from chalicelib.api.wiring import OPERATIONS
from tests.support.orders import place_order
from tests.support.products import register_product

PRICE = {"amount": "1.00", "currency": "EUR"}

BODIES: dict[str, dict[str, Any]] = {
    "RegisterProduct": {"sku": "A-1", "name": "B", "price": PRICE},
    "ChangeProductPrice": {"price": PRICE},
    "PlaceOrder": {"shipping_address": AN_ADDRESS},
    "ChangeShippingAddress": {"shipping_address": {**AN_ADDRESS, "city": "Halle"}},
    "PayOrder": {"payment_method": "card"},
    "ShipOrder": {"carrier": "DHL", "tracking_code": "JD01"},
    "CancelOrder": {"reason": "mischief"},
}

BY_NAME = {operation.message.__name__: operation for operation in OPERATIONS}


@dataclass
class Operations:
    """Calls operations on one order and one product.

    Attributes:
        http: calls the routes.
        order_id: whose orders' operations are called.
        product_id: whose products' operations are called.
    """

    http: Api
    order_id: str
    product_id: str

    def call(self, name: str, headers: Headers, order_id: str | None = None) -> Answer:
        """Call an operation with a valid body."""
        operation = BY_NAME[name]
        body = dict(BODIES.get(name, {}))
        if name == "PlaceOrder":
            body["lines"] = [{"product_id": self.product_id, "quantity": 1}]
        identifier = order_id or self.order_id
        if operation.tag == "products":
            identifier = self.product_id
        path = operation.path.replace("{id}", identifier)
        return self.http.call(operation.method, path, None if operation.is_query else body, headers)


def allowed(operation: Operation) -> SignedIn:
    """Return a caller whose token allows one operation and nothing else."""
    return SignedIn("maria", operation.message.scope or "")


def allowed_everything_else(operation: Operation) -> SignedIn:
    """Return a caller whose token allows everything except one operation."""
    scopes = {"orders:read", "orders:write", "catalogue:write", "operations"}
    return SignedIn("maria", " ".join(sorted(scopes - {operation.message.scope})))


def operations_on_an_order(http: Api) -> Operations:
    """Place an order of maria's, and return the operations on it."""
    product_id = register_product(http)
    return Operations(http, place_order(http, product_id), product_id)
