"""The lines of an order: a quantity of a product, at the price of the day."""

from typing import Protocol

from carafe.domain.errors import InvalidValue
from carafe.domain.model import ValueObject, schema
from carafe.domain.money import Money
from carafe.domain.requirements import require_whole_number

from .product import Product

MOST_LINES = 100
LARGEST_QUANTITY = 1_000


@schema()
class OrderLine(ValueObject):
    """A quantity of one product, at the price it had when the order was placed.

    Raises:
        InvalidValue: the quantity is not a whole number from 1 to 1,000.
    """

    product_id: str
    name: str
    quantity: int
    unit_price: Money

    def __post_init__(self) -> None:
        require_quantity(self.quantity)

    @property
    def total(self) -> Money:
        """What the line costs."""
        return self.unit_price * self.quantity


class FindProducts(Protocol):
    """Looks products up in the catalogue."""

    def __call__(self, product_ids: list[str]) -> list[Product]:
        """Return the products that exist, in any order."""


def require_lines(count: int) -> None:
    """Require 1 to 100 lines."""
    if not 1 <= count <= MOST_LINES:
        raise InvalidValue("lines", f"must be 1 to {MOST_LINES}, are {count}")


def require_quantity(quantity: object) -> None:
    """Require a whole number from 1 to 1,000."""
    require_whole_number(quantity, "quantity", 1, LARGEST_QUANTITY)


def lines_at_catalogue_prices(
    wanted: list[tuple[str, int]], find_products: FindProducts
) -> tuple[OrderLine, ...]:
    """Turn product ids and quantities into order lines at today's prices.

    Args:
        wanted: pairs of product id and quantity.
        find_products: looks products up in the catalogue.

    Raises:
        InvalidValue: a product is not in the catalogue, a quantity is out of range, or the
            number of lines is not 1 to 100.
    """
    require_lines(len(wanted))
    found = {product.id: product for product in find_products([each for each, _ in wanted])}
    for position, (product_id, _) in enumerate(wanted):
        if product_id not in found:
            raise InvalidValue(f"lines/{position}/product_id", "is not in the catalogue")
    return tuple(
        OrderLine(
            product_id=product_id,
            name=found[product_id].name,
            quantity=quantity,
            unit_price=found[product_id].price,
        )
        for product_id, quantity in wanted
    )
