"""The catalogue: what can be ordered, and for how much."""

import re
from datetime import datetime

from carafe.domain.errors import InvalidValue, RuleBroken
from carafe.domain.model import AggregateRoot, DomainEvent, Index, schema
from carafe.domain.money import Money
from carafe.domain.requirements import require_form, require_text

LONGEST_NAME = 200
SKU_FORM = r"[A-Z0-9][A-Z0-9-]{0,39}"

_SKU = re.compile(SKU_FORM)


@schema()
class ProductRegistered(DomainEvent):
    """A product entered the catalogue."""

    product_id: str
    sku: str
    name: str
    price: Money


@schema()
class ProductPriceChanged(DomainEvent):
    """A product has a new price; orders already placed keep theirs."""

    product_id: str
    old_price: Money
    new_price: Money


@schema()
class ProductDiscontinued(DomainEvent):
    """A product left the catalogue."""

    product_id: str
    sku: str


@schema(collection="products", indexes=(Index(("sku",), unique=True),))
class Product(AggregateRoot):
    """A product in the catalogue.

    Attributes:
        sku: stock keeping unit, unique: capital letters, digits and dashes, at most 40.
        name: at most 200 characters.
        price: above zero.
    """

    sku: str
    name: str
    price: Money

    @classmethod
    def register(
        cls, *, product_id: str, sku: str, name: str, price: Money, at: datetime
    ) -> "Product":
        """Add a product to the catalogue.

        Raises:
            InvalidValue: sku, name or price is malformed.
        """
        require_form(sku, "sku", _SKU, "must be 1 to 40 capital letters, digits and dashes")
        require_text(name, "name", LONGEST_NAME)
        _require_a_price(price)
        product = cls(id=product_id, sku=sku, name=name, price=price)
        product.record(
            ProductRegistered(
                product_id=product_id, sku=sku, name=name, price=price, occurred_at=at
            )
        )
        return product

    def change_price(self, new_price: Money, *, at: datetime) -> None:
        """Change the price for future orders.

        Raises:
            InvalidValue: the price is zero.
            RuleBroken: the price is in another currency.
        """
        _require_a_price(new_price)
        if new_price.currency != self.price.currency:
            raise RuleBroken(
                f"A product keeps its currency: this one is priced in {self.price.currency}.",
                code="product_keeps_its_currency",
            )
        old_price, self.price = self.price, new_price
        self.record(
            ProductPriceChanged(
                product_id=self.id, old_price=old_price, new_price=new_price, occurred_at=at
            )
        )

    def discontinue(self, *, at: datetime) -> None:
        """Remove the product from the catalogue; the repository then deletes it."""
        self.record(ProductDiscontinued(product_id=self.id, sku=self.sku, occurred_at=at))


def _require_a_price(price: Money) -> None:
    if price.amount == 0:
        raise InvalidValue("price", "must be above zero")
