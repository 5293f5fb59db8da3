"""Money: an amount in a currency."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from .errors import InvalidValue
from .model import ValueObject, schema
from .requirements import require_form

LARGEST_AMOUNT = Decimal("999999999999.999")

_CURRENCY = re.compile(r"[A-Z]{3}")

# Digits after the point, ISO 4217; all other currencies have two.
_MINOR_DIGITS = {
    **dict.fromkeys(("CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}

_SMALLEST = {digits: Decimal(1).scaleb(-digits) for digits in (0, 2, 3)}


@schema()
class Money(ValueObject):
    """A non-negative amount in one currency.

    Attributes:
        amount: with exactly the currency's digits after the point: 12.5 EUR becomes 12.50.
        currency: three capital letters, ISO 4217.

    Raises:
        InvalidValue: negative, not finite, too large, or finer than the currency allows.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        require_form(self.currency, "currency", _CURRENCY, "must be three capital letters: EUR")
        object.__setattr__(self, "amount", _in_minor_digits(self.amount, self.currency))

    @classmethod
    def of(cls, amount: str | int, currency: str) -> "Money":
        """Build from a number or its digits: `Money.of("12.50", "EUR")`."""
        try:
            return cls(amount=Decimal(amount), currency=currency)
        except InvalidOperation:
            raise InvalidValue("amount", f"is not a decimal number: {amount!r}") from None

    @classmethod
    def total(cls, parts: Iterable["Money"]) -> "Money":
        """Sum one or more amounts of one currency."""
        first, *others = parts
        amount = first.amount
        for part in others:
            _require_same_currency(part, first)
            amount += part.amount
        return cls(amount=amount, currency=first.currency)

    def __add__(self, other: "Money") -> "Money":
        _require_same_currency(other, self)
        return Money(amount=self.amount + other.amount, currency=self.currency)

    def __mul__(self, times: int) -> "Money":
        return Money(amount=self.amount * times, currency=self.currency)

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"


def _require_same_currency(money: Money, total: Money) -> None:
    if money.currency != total.currency:
        raise InvalidValue("currency", f"cannot add {money.currency} to {total.currency}")


def _in_minor_digits(amount: object, currency: str) -> Decimal:
    """Return the amount with exactly the currency's digits after the point."""
    if not isinstance(amount, Decimal):
        raise InvalidValue("amount", "must be a decimal number")
    if not amount.is_finite():
        raise InvalidValue("amount", "must be a finite number")
    if amount.is_signed() and amount != 0:
        raise InvalidValue("amount", "must not be negative")
    if amount > LARGEST_AMOUNT:
        raise InvalidValue("amount", f"must be at most {LARGEST_AMOUNT}")
    digits = _MINOR_DIGITS.get(currency, 2)
    exact = abs(amount).quantize(_SMALLEST[digits])
    if exact != amount:
        raise InvalidValue("amount", f"{currency} has {digits} digits after the point")
    return exact
