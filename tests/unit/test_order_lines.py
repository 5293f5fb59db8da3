"""The lines of an order, at the prices of the day."""

import pytest
from carafe.domain.errors import InvalidValue

from chalicelib.domain.order_line import lines_at_catalogue_prices
from tests.support.orders import a_line
from tests.support.products import a_product, euros


@pytest.mark.parametrize("quantity", [0, -1, 1_001, True, 1.0, "1", None])
def test_a_quantity_is_a_whole_number_from_one_to_a_thousand(quantity: object) -> None:
    with pytest.raises(InvalidValue) as refusal:
        a_line(quantity=quantity)  # type: ignore[arg-type]
    assert refusal.value.field == "quantity"


def test_lines_take_their_prices_from_the_catalogue() -> None:
    product = a_product(price="24.90")
    (line,) = lines_at_catalogue_prices([(product.id, 3)], lambda _ids: [product])
    assert (line.name, line.unit_price, line.total) == (
        "Carafe, 1 l",
        euros("24.90"),
        euros("74.70"),
    )


def test_a_product_that_is_not_in_the_catalogue_is_refused_by_its_line() -> None:
    product = a_product()
    with pytest.raises(InvalidValue) as refusal:
        lines_at_catalogue_prices([(product.id, 1), ("missing", 1)], lambda _ids: [product])
    assert refusal.value.field == "lines/1/product_id"
