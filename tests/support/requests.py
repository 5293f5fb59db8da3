"""HTTP requests in the words of the tests."""

import json
from dataclasses import dataclass
from typing import Any

from chalice.test import Client

CUSTOMER = {"X-Local-Caller": "maria"}
STRANGER = {"X-Local-Caller": "john"}
OPERATOR = {"X-Local-Caller": "olga operations orders:read orders:write"}
MERCHANT = {"X-Local-Caller": "mel catalogue:write"}

AN_ADDRESS = {
    "recipient": "Maria Weber",
    "street": "Lindenallee 12",
    "city": "Leipzig",
    "postal_code": "04109",
    "country": "DE",
}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def pointers(self) -> set[str]:
        """The fields that a problem names."""
        return {each["pointer"] for each in self.body["errors"]}


class Api:
    """Calls the function set through Chalice's test client.

    Args:
        client: of the app.
    """

    def __init__(self, client: Client) -> None:
        self._client = client

    def call(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> Answer:
        """Send a request; a body that is not bytes goes as JSON."""
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        sent = {"Content-Type": "application/json", **(CUSTOMER if headers is None else headers)}
        answer = self._client.http.request(method, path, headers=sent, body=raw)
        return Answer(
            answer.status_code,
            json.loads(answer.body) if answer.body else None,
            {name.lower(): value for name, value in answer.headers.items()},
        )

    def post(self, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        return self.call("POST", path, body, headers)

    def put(self, path: str, body: object = None, headers: dict[str, str] | None = None) -> Answer:
        return self.call("PUT", path, body, headers)

    def get(self, path: str, headers: dict[str, str] | None = None) -> Answer:
        return self.call("GET", path, None, headers)

    def delete(self, path: str, headers: dict[str, str] | None = None) -> Answer:
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
