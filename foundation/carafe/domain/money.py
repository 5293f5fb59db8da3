"""Money: an amount in a currency."""

import re
from collections.abc import Iterable
from decimal import Decimal

from .currencies import MINOR_DIGITS
from .errors import InvalidValue
from .model import ValueObject, schema
from .requirements import require_form

LARGEST_AMOUNT = Decimal("999999999999.9999")

_CURRENCY = re.compile(r"[A-Z]{3}")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")

_SMALLEST = {digits: Decimal(1).scaleb(-digits) for digits in set(MINOR_DIGITS.values())}


@schema()
class Money(ValueObject):
    """A non-negative amount in one currency.

    Attributes:
        amount: with exactly the currency's digits after the point: 12.5 EUR becomes 12.50.
        currency: a current code of ISO 4217 that has amounts in decimal digits.

    Raises:
        InvalidValue: negative, not finite, too large, finer than the currency allows, or in no
            current currency. Arithmetic checks the size alone: what is stored may be older
            than a rule.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        digits = _minor_digits_of(self.currency)
        _require_amount(self.amount)
        exact = abs(self.amount).quantize(_SMALLEST[digits])
        if exact != self.amount:
            raise InvalidValue("amount", f"{self.currency} has {digits} digits after the point")
        object.__setattr__(self, "amount", exact)

    @classmethod
    def of(cls, amount: str | int, currency: str) -> "Money":
        """Build from a number or its digits: `Money.of("12.50", "EUR")`."""
        # Decimal also accepts spaces, underscores, and digits of any script.
        if isinstance(amount, str) and not _NUMBER.fullmatch(amount):
            raise InvalidValue("amount", f"is not a decimal number: {amount!r}")
        return cls(amount=Decimal(amount), currency=currency)

    @classmethod
    def total(cls, parts: Iterable["Money"]) -> "Money":
        """Sum one or more amounts of one currency."""
        first, *others = parts
        amount = first.amount
        for part in others:
            _require_same_currency(part, first)
            amount += part.amount
        return _of_same_currency(first, amount)

    def __add__(self, other: "Money") -> "Money":
        _require_same_currency(other, self)
        return _of_same_currency(self, self.amount + other.amount)

    def __mul__(self, times: int) -> "Money":
        if not isinstance(times, int):
            return NotImplemented
        return _of_same_currency(self, self.amount * times)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def _require_same_currency(money: Money, total: Money) -> None:
    if money.currency != total.currency:
        raise InvalidValue("currency", f"cannot add {money.currency} to {total.currency}")


def _of_same_currency(money: Money, amount: Decimal) -> Money:
    """Return another amount of a currency, which may have become invalid since it was stored."""
    _require_amount(amount)
    result = object.__new__(Money)
    object.__setattr__(result, "amount", amount)
    object.__setattr__(result, "currency", money.currency)
    return result


def _minor_digits_of(currency: object) -> int:
    """Return how many digits a currency has after the point."""
    require_form(currency, "currency", _CURRENCY, "must be three capital letters: EUR")
    digits = MINOR_DIGITS.get(str(currency))
    if digits is None:
        raise InvalidValue("currency", "must be a current currency of ISO 4217, such as EUR")
    return digits


def _require_amount(amount: object) -> None:
    """Require a decimal number from 0 to the largest amount."""
    if not isinstance(amount, Decimal):
        raise InvalidValue("amount", "must be a decimal number")
    if not amount.is_finite():
        raise InvalidValue("amount", "must be a finite number")
    if amount.is_signed() and amount != 0:
        raise InvalidValue("amount", "must not be negative")
    if amount > LARGEST_AMOUNT:
        raise InvalidValue("amount", f"must be at most {LARGEST_AMOUNT}")
