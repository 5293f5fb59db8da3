"""The types of a model, written as `text(100)`, `integer(1..10)?` or `list of Line`."""

import re
from dataclasses import dataclass

LONGEST_TEXT = 200
LARGEST_INTEGER = 1_000_000_000
MOST_ITEMS = 100

PLAIN = (
    *("text", "integer", "boolean", "moment", "date", "time", "identifier", "money", "address"),
)
SORTABLE = ("text", "integer", "boolean", "moment", "date", "time", "identifier")

FORM = re.compile(
    r"(?P<many>list of )?"
    r"(?P<name>[A-Za-z][A-Za-z0-9]*)"
    r"(\((?P<first>\d{1,9})(\.\.(?P<last>\d{1,9}))?\))?"
    r"(?P<optional>\?)?"
)


class BadType(ValueError):
    """A type is malformed; the message says why."""


@dataclass(frozen=True)
class Type:
    """The type of an attribute.

    Attributes:
        name: one of PLAIN, or a type that the model declares.
        least: the smallest number.
        most: the largest number, or the length of the longest text in characters.
        many: a list of values, at most MOST_ITEMS.
        optional: the value may be missing.
    """

    name: str
    least: int = 0
    most: int = 0
    many: bool = False
    optional: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it needs no declaration in the model."""
        return self.name in PLAIN

    @property
    def is_scalar(self) -> bool:
        """Whether it is a single value that is always present and can be sorted by."""
        return self.name in SORTABLE and not self.many and not self.optional


def parse_type(text: str) -> Type:
    """Return the type that a text describes.

    Raises:
        BadType: the text is malformed.
    """
    match = FORM.fullmatch(text.strip())
    if match is None:
        raise BadType(f"{text!r} is not a type; examples: text(100), integer(1..10)?, list of Line")
    many, optional = bool(match["many"]), bool(match["optional"])
    if many and optional:
        raise BadType("a list can be empty and needs no question mark: remove it")
    least, most = _bounds(match["name"], match["first"], match["last"])
    return Type(match["name"], least, most, many, optional)


def _bounds(name: str, first: str | None, last: str | None) -> tuple[int, int]:
    if name == "text":
        if last is not None or first == "0":
            raise BadType("a text has one bound, its greatest length: text(100)")
        return 1, int(first or LONGEST_TEXT)
    if name == "integer":
        if first is not None and last is None:
            raise BadType("an integer has two bounds: integer(1..10)")
        least, most = int(first or 0), int(last or LARGEST_INTEGER)
        if least >= most:
            raise BadType(f"the lower bound {least} must be below the upper bound {most}")
        return least, most
    if first is not None:
        raise BadType(f"{name} has no bounds: text(100) and integer(1..10) have")
    return 0, 0
