"""Checks that the defaults of attributes are values of their types."""

from collections.abc import Iterator, Mapping

from .locations import located_aggregates
from .model import Attribute, Enumeration, Model
from .source import Location
from .suggestions import no_value


def default_faults(model: Model) -> Iterator[tuple[Location, str]]:
    """Yield attributes whose default they cannot have."""
    for aggregate, location in located_aggregates(model):
        for each in aggregate.attributes:
            if each.default is not None and (fault := _fault(each, model.enumerations)):
                yield (*location, "attributes", each.name), fault


def _fault(attribute: Attribute, enumerations: Mapping[str, Enumeration]) -> str:
    name, kind, default = attribute.name, attribute.type, attribute.default
    if name == "status":
        return "the status begins as the creating behaviour's `becomes` says: remove its default"
    if kind.optional or kind.many or attribute.unique or attribute.from_caller:
        return f"{name} has a default: it is always there, a single value, and not unique"
    values = enumerations[kind.name].values if kind.name in enumerations else ()
    if values:
        return "" if default in values else no_value(kind.name, str(default), values)
    if kind.name not in {"text", "integer", "boolean"}:
        return f"{name} has a default: that is for a text, integer, boolean or enumeration"
    if not _is_value(attribute):
        return f"{default} is not a value of {name}: it has another type, or is out of bounds"
    return ""


def _is_value(attribute: Attribute) -> bool:
    kind, default = attribute.type, attribute.default
    if kind.name == "boolean" or isinstance(default, bool):
        return kind.name == "boolean" and isinstance(default, bool)
    text = str(default)
    if kind.name == "integer":
        return text.isdecimal() and kind.least <= int(text) <= kind.most
    is_plain = text.isprintable() and not {'"', "\\"} & {*text}
    return bool(text.strip()) and len(text) <= kind.most and is_plain
