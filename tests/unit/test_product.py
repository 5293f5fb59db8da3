"""The rules of the catalogue."""

from collections.abc import Sequence

import pytest
from carafe.domain.errors import InvalidValue, RuleBroken
from carafe.domain.money import Money
from carafe.testing.examples import NOON

from chalicelib.domain.product import ProductDiscontinued, ProductPriceChanged
from tests.support.products import a_product, euros


def _last(recorded: Sequence[object]) -> object:
    return recorded[-1]


@pytest.mark.parametrize("sku", ["", "carafe", "-A", "A" * 41, "A B", None])
def test_a_sku_is_capital_letters_digits_and_dashes(sku: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        a_product(sku=sku)
    assert refusal.value.field == "sku"


def test_a_product_costs_something() -> None:
    with pytest.raises(InvalidValue, match="price: must be above zero"):
        a_product(price="0")


def test_a_price_change_tells_both_prices() -> None:
    product = a_product(price="10")
    product.change_price(euros("12"), at=NOON)
    event = _last(product.recorded)
    assert isinstance(event, ProductPriceChanged)
    assert (event.old_price, event.new_price) == (euros("10"), euros("12"))
    assert product.price == euros("12")


def test_a_product_keeps_its_currency() -> None:
    with pytest.raises(RuleBroken, match="priced in EUR"):
        a_product().change_price(Money.of("1", "USD"), at=NOON)


def test_a_discontinued_product_says_which_sku_is_free_again() -> None:
    product = a_product(sku="CARAFE-1L")
    product.discontinue(at=NOON)
    event = _last(product.recorded)
    assert isinstance(event, ProductDiscontinued)
    assert event.sku == "CARAFE-1L"
