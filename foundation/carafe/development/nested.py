"""Walking through JSON, BSON and other values of that kind."""

from collections.abc import Iterator, Mapping
from typing import Any


def objects_in(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield every object in a value, however deep, an outer one before those inside it."""
    if isinstance(value, Mapping):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from objects_in(each)
