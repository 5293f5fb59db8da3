"""The table of currencies is ISO 4217's."""

import iso4217
import pytest

from carafe.contracts.validation import MalformedMessage, read
from carafe.contracts.values import Money
from carafe.domain import money
from carafe.domain.currencies import MINOR_DIGITS
from carafe.domain.errors import InvalidValue

WITHOUT_DIGITS = ["XAG", "XAU", "XDR", "XTS", "XXX"]
"""Metals, units of account and codes for tests: ISO 4217 gives them no digits."""

HISTORIC_OR_NONE = ["ABC", "BGN", "DEM", "HRK", "ZZZ"]


def test_the_table_is_the_current_one() -> None:
    """When this fails, ISO 4217 has changed: copy the change into `carafe.domain.currencies`."""
    current = {each.code: each.exponent for each in iso4217.Currency if each.exponent is not None}
    assert current == MINOR_DIGITS


@pytest.mark.parametrize("currency", ["BIF", "DJF", "GNF", "KMF", "RWF", "UYI", "VUV", "JPY"])
def test_a_currency_without_minor_units_takes_no_fraction(currency: str) -> None:
    with pytest.raises(MalformedMessage) as refusal:
        read(Money, {"amount": "12.50", "currency": currency})
    assert [each.pointer for each in refusal.value.faults] == ["/amount"]
    assert read(Money, {"amount": "12", "currency": currency}).to_domain().amount == 12


@pytest.mark.parametrize("currency", MINOR_DIGITS)
def test_each_currency_has_exactly_its_digits_on_the_wire(currency: str) -> None:
    digits = MINOR_DIGITS[currency]
    finest = f"1.{'1' * digits}" if digits else "1"
    price = read(Money, {"amount": finest, "currency": currency}).to_domain()
    assert str(price.amount) == finest
    too_fine = f"1.{'1' * (digits + 1)}"
    with pytest.raises(InvalidValue, match=r"^amount: "):
        money.Money.of(too_fine, currency)
    with pytest.raises(MalformedMessage):
        read(Money, {"amount": too_fine, "currency": currency})


@pytest.mark.parametrize("currency", [*WITHOUT_DIGITS, *HISTORIC_OR_NONE])
def test_a_code_that_is_no_current_currency_is_refused(currency: str) -> None:
    with pytest.raises(MalformedMessage) as refusal:
        read(Money, {"amount": "12.50", "currency": currency})
    assert [each.pointer for each in refusal.value.faults] == ["/currency"]
