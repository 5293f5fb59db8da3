"""The quick way to Decimal128 and back says the same as the driver's."""

from decimal import Decimal

import pytest
from bson.decimal128 import Decimal128, create_decimal128_context
from hypothesis import given
from hypothesis import strategies as st

from carafe.infrastructure.database.decimals import from_bson, to_bson

BORDERS = [
    "0", "0.00", "1", "-1", "12.50", "0.10", "-0.00", "999999999999.999", "999999999999999999",
    "1000000000000000000", "0.123456789012", "0.1234567890123", "1E+3", "1E-20", "NaN", "Infinity",
    "-Infinity", "9999999999999999999999999999999999",
]  # fmt: skip


def assert_same(value: Decimal) -> None:
    stored = to_bson(value)
    assert stored.bid == Decimal128(value).bid
    back, expected = from_bson(stored), stored.to_decimal()
    assert back.as_tuple() == expected.as_tuple()


@pytest.mark.parametrize("text", BORDERS)
def test_borders_are_converted_as_the_driver_does(text: str) -> None:
    assert_same(Decimal(text))


@given(st.decimals(places=2, min_value=-(10**20), max_value=10**20))
def test_amounts_are_converted_as_the_driver_does(value: Decimal) -> None:
    assert_same(value)


@given(st.decimals(allow_nan=False))
def test_every_decimal_is_converted_as_the_driver_does(value: Decimal) -> None:
    with_its_precision = create_decimal128_context().create_decimal(value)
    assert_same(with_its_precision)
