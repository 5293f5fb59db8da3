"""Resolves attributes and their types."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from .faults import Faults
from .model import Attribute
from .source import Location
from .suggestions import did_you_mean
from .types import PLAIN, BadType, Type, parse_type

Entries = Mapping[str, Any]

DECLARING_PARTS = ("enumerations", "values", "entities")


@dataclass(frozen=True)
class TypeResolver:
    """Resolves attributes against the types that a model declares.

    Attributes:
        declared: the names of these types.
        faults: of the model.
    """

    declared: frozenset[str]
    faults: Faults

    @classmethod
    def of(cls, data: Entries, faults: Faults) -> "TypeResolver":
        """Return the resolver of a model's data."""
        return cls(
            frozenset(name for part in DECLARING_PARTS for name in data.get(part, {})), faults
        )

    def attributes(self, entries: Entries, location: Location, owner: str) -> tuple[Attribute, ...]:
        """Return the attributes of an aggregate, value, event or operation."""
        return tuple(
            Attribute(
                name,
                self._type(each if isinstance(each, str) else each["type"], (*location, name)),
                owner,
                unique=isinstance(each, dict) and bool(each.get("unique")),
                from_caller=isinstance(each, dict) and "from" in each,
                default=each.get("default") if isinstance(each, dict) else None,
            )
            for name, each in entries.items()
        )

    def parameters(
        self,
        entries: Iterable[Any],
        location: Location,
        attributes: Mapping[str, Attribute],
    ) -> Iterator[Attribute]:
        """Yield the parameters of a behaviour: attributes by name, or parameters with a type.

        A parameter with an attribute's name and type is that attribute, optional or not.

        Args:
            entries: of the list `takes`.
            location: of that list: aggregates, the aggregate, behaviors, the behaviour, takes.
            attributes: of the aggregate, by name.
        """
        for position, each in enumerate(entries):
            place = (*location, position)
            if isinstance(each, dict):
                ((name, text),) = each.items()
                own = Attribute(name, self._type(text, place), str(location[1]), str(location[3]))
                yield _as_attribute(own, attributes.get(name))
            elif each in attributes:
                attribute = attributes[each]
                yield replace(attribute, type=replace(attribute.type, optional=False))
            else:
                message = f"{each} is not an attribute; write `{each}: text(100)`"
                self.faults.add(place, message + did_you_mean(each, attributes))

    def _type(self, text: str, location: Location) -> Type:
        try:
            type_ = parse_type(text)
        except BadType as error:
            self.faults.add(location, str(error))
            return Type("text", 1, 1)
        if not type_.is_plain and type_.name not in self.declared:
            declared = ", ".join(sorted(self.declared)) or "nothing"
            message = f"unknown type {type_.name}; the model declares {declared}"
            near = did_you_mean(type_.name, (*self.declared, *PLAIN))
            self.faults.add(location, message + near)
        return type_


def _as_attribute(parameter: Attribute, attribute: Attribute | None) -> Attribute:
    """Return a parameter as the attribute that it gives a value; as it is if it gives none."""
    kind = parameter.type
    if attribute is None or replace(attribute.type, optional=kind.optional) != kind:
        return parameter
    return replace(attribute, type=kind)
