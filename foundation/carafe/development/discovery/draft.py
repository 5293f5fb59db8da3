"""A model file that is written answer by answer."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from . import reserved_names
from .names import snake
from .prompts import Check
from .source import schema_comment
from .type_resolution import DECLARING_PARTS

Entries = dict[str, Any]

CLASS_PARTS = (*DECLARING_PARTS, "aggregates", "external_services", "processes")
PARTS = (*CLASS_PARTS, "sent_commands", "subscriptions")


class Draft:
    """The answers so far, in the form of a model file.

    Args:
        data: the contents of the file at the beginning, at least its context.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.context = str(data["context"])
        self.parts: dict[str, Entries] = {part: dict(data.get(part, {})) for part in PARTS}

    def __bool__(self) -> bool:
        return any(self.parts.values())

    def text(self, file: Path) -> str:
        """Return the text of a model file; its first line tells editors where the schema is."""
        data = {"context": self.context} | {name: each for name, each in self.parts.items() if each}
        content = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)
        return schema_comment(file) + content

    def declares(self, name: str) -> bool:
        """Return whether a type is declared."""
        return any(name in self.parts[part] for part in DECLARING_PARTS)

    def class_name_fault(self, name: str) -> str:
        """Return who uses the name of a class already; empty if nobody does."""
        if reserved_names.is_class_name(name):
            return f"The name {name} is taken by Python or by the foundation."
        if snake(name) in map(snake, self._class_names()):
            return f"The name {name} is taken in this model."
        return ""

    def wire_name_fault(self, name: str, category: str) -> str:
        """Return why the name of an aggregate or an event cannot be used; empty if it can.

        Args:
            name: in CamelCase.
            category: `aggregate` or `event`, for the message.
        """
        if any(each.isdigit() for each in name):
            return f"The name of an {category} goes over the wire: it has letters only."
        return self.class_name_fault(name)

    def _class_names(self) -> Iterator[str]:
        for part in CLASS_PARTS:
            yield from self.parts[part]
        for aggregate in self.parts["aggregates"].values():
            for part in ("events", "commands", "queries", "timers"):
                yield from aggregate.get(part, ())


def type_text(entry: str | Entries) -> str:
    """Return the type of an attribute, whether it is all that its entry says or not."""
    return entry if isinstance(entry, str) else str(entry["type"])


def unused_name(used: Collection[str], reserved: Collection[str] = ()) -> Check:
    """Return a check that the name of an attribute or a behaviour is not used yet."""

    def check(name: str) -> str:
        if name in used:
            return f"There is {name} already."
        if name in reserved or reserved_names.is_python_name(name):
            return f"The name {name} is taken by Python or by the foundation."
        return ""

    return check
