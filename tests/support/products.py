"""Products, ready made."""

from secrets import randbelow, token_hex

from carafe.domain.money import Money
from carafe.infrastructure.identifiers import new_id
from carafe.testing.examples import NOON
from carafe.testing.http import Api

from chalicelib.domain.product import Product
from tests.support.callers import MERCHANT


def euros(amount: str) -> Money:
    """Return an amount in euros."""
    return Money.of(amount, "EUR")


def a_product(sku: str = "CARAFE-1L", price: str = "24.90") -> Product:
    """Return a product that is new in the catalogue."""
    return Product.register(
        product_id=new_id(), sku=sku, name="Carafe, 1 l", price=euros(price), at=NOON
    )


def another_product() -> Product:
    """Return a product with a SKU of its own, at one of a few prices."""
    return a_product(f"CARAFE-{token_hex(8).upper()}", f"{randbelow(5) + 1}.50")


def register_product(http: Api, sku: str = "CARAFE-1L", price: str = "24.90") -> str:
    """Register a product through the API, and return its id."""
    body = {"sku": sku, "name": "Carafe, 1 l", "price": {"amount": price, "currency": "EUR"}}
    answer = http.post("/products", body, MERCHANT)
    assert answer.status == 201, answer.body
    return str(answer.body["id"])
