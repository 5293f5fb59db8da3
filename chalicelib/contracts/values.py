"""Values as they stand on the wire; the domain decides what they may hold."""

from typing import Annotated

from msgspec import Meta

from chalicelib.domain import address, money
from chalicelib.domain.order import LONGEST_TEXT
from chalicelib.domain.order_line import LARGEST_QUANTITY
from chalicelib.domain.product import LONGEST_NAME, SKU_FORM
from chalicelib.domain.requirements import TEXT_FORM

from .base import Contract

PRINTABLE = f"^{TEXT_FORM}$"


def _text(longest: int, example: str) -> Meta:
    return Meta(
        min_length=1,
        max_length=longest,
        pattern=PRINTABLE,
        examples=[example],
        description="not only spaces, no control characters",
    )


def shown_as(example: object) -> Meta:
    """Return what gives a field an example, and no rule."""
    return Meta(examples=[example])


Identifier = Annotated[
    str,
    Meta(pattern="^[!-~]{1,64}$", examples=["019aa5b2-6c1e-7c3a-9d0e-2b8f4a6c1d35"]),
]
Text = Annotated[str, _text(LONGEST_TEXT, "no longer needed")]
Name = Annotated[str, _text(LONGEST_NAME, "Carafe, 1 l")]
Sku = Annotated[str, Meta(pattern=f"^{SKU_FORM}$", examples=["CARAFE-1L"])]
Quantity = Annotated[int, Meta(ge=1, le=LARGEST_QUANTITY, examples=[2])]
Amount = Annotated[str, Meta(pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?$", examples=["12.50"])]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", examples=["EUR"])]
Country = Annotated[str, Meta(pattern="^[A-Z]{2}$", examples=["DE"])]


class Money(Contract, frozen=True):
    """An amount as decimal digits, and its currency (ISO 4217), which decides how many digits."""

    amount: Amount
    currency: Currency

    def __post_init__(self) -> None:
        self.to_domain()

    def to_domain(self) -> money.Money:
        """Return the domain's value.

        Raises:
            InvalidValue: the domain refuses it.
        """
        return money.Money.of(self.amount, self.currency)


class Address(Contract, frozen=True):
    """A postal address; the country by its two letters (ISO 3166-1)."""

    recipient: Annotated[str, _text(address.LONGEST["recipient"], "Maria Weber")]
    street: Annotated[str, _text(address.LONGEST["street"], "Lindenallee 12")]
    city: Annotated[str, _text(address.LONGEST["city"], "Leipzig")]
    postal_code: Annotated[str, _text(address.LONGEST["postal_code"], "04109")]
    country: Country

    def __post_init__(self) -> None:
        self.to_domain()

    def to_domain(self) -> address.Address:
        """Return the domain's value.

        Raises:
            InvalidValue: the domain refuses it.
        """
        return address.Address(
            recipient=self.recipient,
            street=self.street,
            city=self.city,
            postal_code=self.postal_code,
            country=self.country,
        )
