"""HTTP requests in the words of the tests."""

import gzip
import json
from collections.abc import Mapping

from chalice.test import Client

from tests.support.described import Answer, require_described
from tests.support.tokens import SignedIn

Headers = Mapping[str, str] | None

CUSTOMER = SignedIn("maria", "orders:read orders:write")
STRANGER = SignedIn("john", "orders:read orders:write")
OPERATOR = SignedIn("olga", "operations orders:read orders:write")
MERCHANT = SignedIn("mel", "catalogue:write")

AN_ADDRESS = {
    "recipient": "Maria Weber",
    "street": "Lindenallee 12",
    "city": "Leipzig",
    "postal_code": "04109",
    "country": "DE",
}


class Api:
    """Calls the function set through Chalice's test client.

    Args:
        client: of the app.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def call(self, method: str, path: str, body: object = None, headers: Headers = None) -> Answer:
        """Send a request; a body that is not bytes goes as JSON."""
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        sent = {"Content-Type": "application/json", **(CUSTOMER if headers is None else headers)}
        answer = self._client.http.request(method, path, headers=sent, body=raw)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        raw = answer.body
        if headers.get("content-encoding") == "gzip":
            raw = gzip.decompress(raw)
        answered = Answer(answer.status_code, json.loads(raw) if raw else None, headers)
        require_described(method, path, answered)
        return answered

    def post(self, path: str, body: object = None, headers: Headers = None) -> Answer:
        return self.call("POST", path, body, headers)

    def put(self, path: str, body: object = None, headers: Headers = None) -> Answer:
        return self.call("PUT", path, body, headers)

    def get(self, path: str, headers: Headers = None) -> Answer:
        return self.call("GET", path, None, headers)

    def delete(self, path: str, headers: Headers = None) -> Answer:
        return self.call("DELETE", path, None, headers)

    def a_product(self, sku: str = "CARAFE-1L", price: str = "24.90") -> str:
        """Register a product and return its id."""
        body = {"sku": sku, "name": "Carafe, 1 l", "price": {"amount": price, "currency": "EUR"}}
        answer = self.post("/products", body, MERCHANT)
        assert answer.status == 201, answer.body
        return str(answer.body["id"])

    def an_order(self, product_id: str | None = None, quantity: int = 2) -> str:
        """Place an order and return its id."""
        line = {"product_id": product_id or self.a_product(), "quantity": quantity}
        answer = self.post("/orders", {"lines": [line], "shipping_address": AN_ADDRESS})
        assert answer.status == 201, answer.body
        return str(answer.body["id"])
