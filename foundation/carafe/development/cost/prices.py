"""The price list, with the month in which it was read."""

from pathlib import Path

import msgspec
from msgspec import Struct

FILE = Path(__file__).parent / "prices.json"


class PriceList(Struct, frozen=True):
    """Prices of one region.

    Attributes:
        region: of AWS.
        as_of: the month in which they held, YYYY-MM.
        currency: and what they leave out.
        sources: the pages that have the present ones.
        estimated: prices that are guessed, and from what.
        prices: by name; the name ends in what one pays for.
    """

    region: str
    as_of: str
    currency: str
    sources: list[str]
    estimated: dict[str, str]
    prices: dict[str, float]

    def __getitem__(self, name: str) -> float:
        return self.prices[name]


def price_list(file: Path = FILE) -> PriceList:
    """Return the prices in a file."""
    return msgspec.json.decode(file.read_bytes(), type=PriceList)
