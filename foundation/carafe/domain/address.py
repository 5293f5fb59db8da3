"""Postal addresses."""

import re

from carafe.domain.model import ValueObject, schema
from carafe.domain.requirements import require_form, require_text

_COUNTRY = re.compile(r"[A-Z]{2}")

LONGEST = {"recipient": 100, "street": 200, "city": 100, "postal_code": 20}


@schema()
class Address(ValueObject):
    """A postal address.

    Attributes:
        recipient: at most 100 characters.
        street: with the house number, at most 200 characters.
        city: at most 100 characters.
        postal_code: at most 20 characters.
        country: two capital letters, ISO 3166-1 alpha-2.

    Raises:
        InvalidValue: a part is empty, too long or malformed.
    """

    recipient: str
    street: str
    city: str
    postal_code: str
    country: str

    def __post_init__(self) -> None:
        for name, longest in LONGEST.items():
            require_text(getattr(self, name), name, longest)
        require_form(self.country, "country", _COUNTRY, "must be two capital letters: DE")
