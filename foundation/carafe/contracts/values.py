"""Values as they stand on the wire; the domain decides what they may hold."""

from datetime import date, datetime, time
from typing import Annotated

from msgspec import Meta

from carafe.domain import address, money
from carafe.domain.requirements import LONGEST_TEXT, PYTHON_TEXT_FORM

from .patterns import whole
from .value import Value

LARGEST_PAGE = 100

IDENTIFIER_PATTERN = whole("[!-~]{1,64}")

_AN_ID = "019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d35"
_A_CURSOR = "eyJhZnRlciI6Wy"


def printable(longest: int, example: str) -> Meta:
    """Return the rule for a printable text of 1 to `longest` characters, with an example."""
    return Meta(
        min_length=1,
        max_length=longest,
        pattern=whole(PYTHON_TEXT_FORM),
        examples=[example],
        description="at least one visible character, no control characters",
    )


def shown_as(example: object) -> Meta:
    """Return what gives a field an example without a rule."""
    return Meta(examples=[example])


Identifier = Annotated[str, Meta(pattern=IDENTIFIER_PATTERN, examples=[_AN_ID])]
Text = Annotated[str, printable(LONGEST_TEXT, "no longer needed")]
Amount = Annotated[str, Meta(pattern=whole(r"[0-9]{1,12}(\.[0-9]{1,4})?"), examples=["12.50"])]
Country = Annotated[str, Meta(pattern=whole("[A-Z]{2}"), examples=["DE"])]
Currency = Annotated[str, Meta(pattern=whole("[A-Z]{3}"), examples=["EUR"])]

Limit = Annotated[int, Meta(ge=1, le=LARGEST_PAGE)]
Cursor = Annotated[str, Meta(pattern=whole("[A-Za-z0-9_-]{1,512}"), examples=[_A_CURSOR])]

# What the service itself writes needs no rule, but an example.
ShownId = Annotated[str, shown_as(_AN_ID)]
ShownVersion = Annotated[int, shown_as(3)]
ShownCursor = Annotated[str, shown_as(_A_CURSOR)]
Moment = Annotated[datetime, Meta(tz=True, examples=["2026-03-01T12:00:00Z"])]
CalendarDate = Annotated[date, Meta(examples=["2026-03-01"])]
TimeOfDay = Annotated[
    time,
    Meta(
        tz=False,
        examples=["12:00:00"],
        # Its format, `partial-time`, is one that few readers of a document know.
        extra_json_schema={"pattern": whole("([01][0-9]|2[0-3])(:[0-5][0-9]){2}")},
    ),
]
"""A time without a zone, in whole seconds."""


class Money(Value[money.Money], frozen=True):
    """An amount as decimal digits, and its currency (ISO 4217), which decides how many digits."""

    amount: Amount
    currency: Currency

    def build_domain_value(self) -> money.Money:
        """Return the amount of money, as `Value.build_domain_value`."""
        return money.Money.of(self.amount, self.currency)


class Address(Value[address.Address], frozen=True):
    """A postal address; the country by its two letters (ISO 3166-1)."""

    recipient: Annotated[str, printable(address.LONGEST["recipient"], "Maria Weber")]
    street: Annotated[str, printable(address.LONGEST["street"], "Lindenallee 12")]
    city: Annotated[str, printable(address.LONGEST["city"], "Leipzig")]
    postal_code: Annotated[str, printable(address.LONGEST["postal_code"], "04109")]
    country: Country

    def build_domain_value(self) -> address.Address:
        """Return the address, as `Value.build_domain_value`."""
        return address.Address(
            recipient=self.recipient,
            street=self.street,
            city=self.city,
            postal_code=self.postal_code,
            country=self.country,
        )
