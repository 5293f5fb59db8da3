"""Decimal to BSON's Decimal128 and back, quickly for the amounts of everyday.

The driver converts digit by digit in Python. An amount of up to 18 digits, and no more than
12 of them after the point, fits the low half of the 128 bits as one integer, with sign and
exponent in the high half (IEEE 754-2008, binary integer decimal; BSON specification). Every
other value takes the driver's way.
"""

from decimal import Decimal

from bson.decimal128 import Decimal128

_MOST_DIGITS = 18
_TOO_MANY = 10**_MOST_DIGITS
_MOST_PLACES = 12
_EXPONENT_BIAS = 6176
_EXPONENT_SHIFT = 49

_HIGH_BY_PLACES = [
    (_EXPONENT_BIAS - places) << _EXPONENT_SHIFT for places in range(_MOST_PLACES + 1)
]
_UNIT_BY_HIGH = {high: Decimal(1).scaleb(-places) for places, high in enumerate(_HIGH_BY_PLACES)}


def to_bson(value: Decimal) -> Decimal128:
    """Return the stored form, with exactly the value's digits."""
    whole, _, fraction = str(value).partition(".")
    digits = whole + fraction
    if len(digits) > _MOST_DIGITS or len(fraction) > _MOST_PLACES or not digits.isdecimal():
        return Decimal128(value)
    halves = (_HIGH_BY_PLACES[len(fraction)], int(digits))
    return Decimal128(halves)  # type: ignore[arg-type] # documented, but not annotated


def from_bson(stored: Decimal128) -> Decimal:
    """Return the value, with exactly the stored digits."""
    # The two halves as the driver keeps them: `bid` would pack them, only to be unpacked again.
    high, low = stored.__getstate__()
    unit = _UNIT_BY_HIGH.get(high)
    if unit is None or low >= _TOO_MANY:
        return stored.to_decimal()
    return unit * low
