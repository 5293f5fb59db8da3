"""Combinations of attributes that only one aggregate may have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class UniqueCombination:
    """Attributes whose values together belong to one aggregate.

    Attributes:
        attributes: their names.
        only_where: attributes, and the values of which each must have one for it to matter.
    """

    attributes: tuple[str, ...]
    only_where: tuple[tuple[str, tuple[str | bool, ...]], ...] = ()


def combinations(entries: Mapping[str, Any]) -> Iterator[UniqueCombination]:
    """Yield the combinations that the entries of an aggregate say to be unique."""
    for each in entries.get("unique", ()):
        conditions = each.get("only_where", {})
        yield UniqueCombination(
            tuple(each["attributes"]),
            tuple(
                (name, tuple(values) if isinstance(values, list) else (values,))
                for name, values in conditions.items()
            ),
        )
