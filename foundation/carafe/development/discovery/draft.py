"""A model that is being asked for, part after part."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from . import words
from .answers import Check
from .names import snake
from .source import schema_comment

Entries = dict[str, Any]

PARTS = (
    *("enumerations", "values", "entities", "aggregates"),
    *("external_services", "subscriptions"),
)


class Draft:
    """What was answered so far, in the form of a model file.

    Args:
        data: what the file says already, its context at least.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.context = str(data["context"])
        self.parts: dict[str, Entries] = {part: dict(data.get(part, {})) for part in PARTS}

    def __bool__(self) -> bool:
        return any(self.parts.values())

    def text(self, file: Path) -> str:
        """Return the file, its first line for editors if they can find the schema."""
        data = {"context": self.context} | {name: each for name, each in self.parts.items() if each}
        dumped = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
        return schema_comment(file) + dumped

    def declares(self, name: str) -> bool:
        """Tell whether a type has been declared."""
        return any(name in self.parts[part] for part in PARTS[:3])

    def free(self, name: str) -> str:
        """Say that the name of a class is taken; nothing if it is free."""
        if name in words.CLASSES | words.IMPORTED or words.taken(name):
            return f"The name {name} is taken by Python or by the foundation."
        if snake(name) in map(snake, self._classes()):
            return f"The name {name} is taken in this model."
        return ""

    def _classes(self) -> Iterator[str]:
        for part in PARTS[:5]:
            yield from self.parts[part]
        for aggregate in self.parts["aggregates"].values():
            for part in ("events", "commands", "queries"):
                yield from aggregate.get(part, ())


def free_among(used: Collection[str], reserved: Collection[str] = ()) -> Check:
    """Return a check that the name of an attribute or a behaviour is free."""

    def check(name: str) -> str:
        if name in used:
            return f"There is {name} already."
        if name in reserved or words.taken(name):
            return f"The name {name} is taken by Python or by the foundation."
        return ""

    return check
