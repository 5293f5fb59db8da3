"""The name that was probably meant by one that nothing has."""

from collections.abc import Iterable
from difflib import get_close_matches

NEAR_ENOUGH = 0.7
"""How alike names must be, of 1."""


def no_value(enumeration: str, value: str, known: Iterable[str]) -> str:
    """Return the message that an enumeration has no such value."""
    return f"{enumeration} has no value {value}{did_you_mean(value, known)}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'riding'?`, the end of a message; empty if no known name is near.

    Args:
        name: as it was written. Upper and lower case make no difference.
        known: names that could be meant.
    """
    names = {each.casefold(): each for each in known if each != name}
    nearest = get_close_matches(name.casefold(), names, n=1, cutoff=NEAR_ENOUGH)
    return f"; did you mean {names[nearest[0]]!r}?" if nearest else ""
