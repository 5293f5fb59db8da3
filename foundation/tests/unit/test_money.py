"""Money cannot be built wrong, and never mixes currencies."""

from decimal import Decimal

import pytest

from carafe.domain.errors import InvalidValue
from carafe.domain.money import Money


@pytest.mark.parametrize(
    ("amount", "currency", "exact"),
    [
        ("12.5", "EUR", "12.50"),
        ("0", "EUR", "0.00"),
        ("100", "JPY", "100"),
        ("1.2", "KWD", "1.200"),
    ],
)
def test_an_amount_has_exactly_its_currencys_digits(amount: str, currency: str, exact: str) -> None:
    assert str(Money.of(amount, currency).amount) == exact


@pytest.mark.parametrize(
    ("amount", "currency", "field"),
    [
        ("-0.01", "EUR", "amount"),
        ("12.505", "EUR", "amount"),
        ("1.5", "JPY", "amount"),
        ("NaN", "EUR", "amount"),
        ("Infinity", "EUR", "amount"),
        ("1000000000000", "EUR", "amount"),
        ("twelve", "EUR", "amount"),
        ("12.50", "eur", "currency"),
        ("12.50", "EURO", "currency"),
        ("12.50", "", "currency"),
    ],
)
def test_a_wrong_amount_is_refused_by_its_field(amount: str, currency: str, field: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Money.of(amount, currency)
    assert refusal.value.field == field


def test_a_binary_fraction_is_no_amount() -> None:
    with pytest.raises(InvalidValue, match="decimal number"):
        Money(amount=0.1, currency="EUR")  # type: ignore[arg-type]


def test_currencies_do_not_mix() -> None:
    with pytest.raises(InvalidValue, match="cannot add USD to EUR"):
        _ = Money.of("1", "EUR") + Money.of("1", "USD")


def test_money_adds_up_exactly() -> None:
    assert Money.total([Money.of("0.10", "EUR")] * 3) == Money.of("0.30", "EUR")
    assert (Money.of("24.90", "EUR") * 3).amount == Decimal("74.70")


@pytest.mark.parametrize("amount", ["12.50\n", " 12.50", "1_000", "١٢", "1e3"])
def test_an_amount_is_nothing_but_digits(amount: str) -> None:
    with pytest.raises(InvalidValue, match="amount: is not a decimal number"):
        Money.of(amount, "EUR")


def stored(amount: str, currency: str) -> Money:
    """Return money as the store returns it: no rule is checked."""
    money = object.__new__(Money)
    object.__setattr__(money, "amount", Decimal(amount))
    object.__setattr__(money, "currency", currency)
    return money


@pytest.mark.parametrize("currency", ["RWF", "DEM", "XXX"])
def test_stored_money_that_a_later_rule_refuses_still_adds_up(currency: str) -> None:
    price = stored("100.50", currency)
    with pytest.raises(InvalidValue):
        Money(amount=price.amount, currency=currency)
    assert str(price * 3) == f"301.50 {currency}"
    assert str(price + stored("1", currency)) == f"101.50 {currency}"
    assert str(Money.total([price, price])) == f"201.00 {currency}"


def test_a_total_has_the_same_limit_as_an_amount() -> None:
    price = Money.of("999999999999.99", "EUR")
    with pytest.raises(InvalidValue, match="amount: must be at most"):
        _ = price * 2
    with pytest.raises(InvalidValue, match="amount: must be at most"):
        _ = price + price
    with pytest.raises(InvalidValue, match="amount: must be at most"):
        Money.total([price, price])
    with pytest.raises(InvalidValue, match="amount: must not be negative"):
        _ = price * -1


def test_money_is_multiplied_by_whole_numbers_alone() -> None:
    with pytest.raises(TypeError):
        _ = Money.of("1", "EUR") * Decimal("0.005")  # type: ignore[operator]
