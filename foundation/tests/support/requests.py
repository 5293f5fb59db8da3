"""HTTP requests to Ordering, in the words of the tests."""

import functools

from chalice.test import Client

from carafe.testing import http
from carafe.testing.description import Description
from carafe.testing.http import Headers
from carafe.testing.tokens import SignedIn

__all__ = ["AN_ADDRESS", "CUSTOMER", "MERCHANT", "OPERATOR", "STRANGER", "Api", "Headers"]

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


@functools.cache
def description() -> Description:
    """Return what Ordering's API says of itself."""
    from app import functions  # noqa: PLC0415 - with the first request

    return Description.of(functions)


class Api(http.Api):
    """Calls Ordering's function set, by default as a customer.

    Args:
        client: of the app.
    """

    def __init__(self, client: Client) -> None:
        super().__init__(client, description(), CUSTOMER)

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
