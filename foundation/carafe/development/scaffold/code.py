"""Attributes of a model as code: their types, bounds, checks and example values."""

from collections.abc import Mapping

from carafe.development.discovery.model import Attribute, Enumeration, Value
from carafe.development.discovery.names import camel, snake
from carafe.development.discovery.types import LONGEST_TEXT, MOST_ITEMS, Type

DOMAIN = {
    "text": "str",
    "identifier": "str",
    "integer": "int",
    "boolean": "bool",
    "moment": "datetime",
    "money": "Money",
    "address": "Address",
}
COMPOSITE_TYPES = {"money", "address"}


def domain_type(kind: Type) -> str:
    """Return the type that an attribute has in the domain."""
    name = DOMAIN.get(kind.name, kind.name)
    return _wrapped(name, kind, "tuple[{}, ...]")


def event_field_type(kind: Type) -> str:
    """Return the type in integration events, which needs no validation."""
    return _wrapped(DOMAIN.get(kind.name, kind.name), kind, "list[{}]")


def view_field_type(attribute: Attribute) -> str:
    """Return the type in views: without bounds, with an example for the OpenAPI document."""
    kind = attribute.type
    examples = {
        "text": repr(Examples({}, {}).text(attribute)),
        "integer": str(_number(kind)),
    }
    shown_names = {"identifier": "ShownId", "moment": "Moment"}
    name = shown_names.get(kind.name, DOMAIN.get(kind.name, kind.name))
    if kind.name in examples:
        name = f"Annotated[{name}, shown_as({examples[kind.name]})]"
    return _wrapped(name, kind, "list[{}]")


def contract_type(attribute: Attribute) -> str:
    """Return the type in commands, bounds included."""
    kind = attribute.type
    names = {"identifier": "Identifier", "boolean": "bool", "moment": "Moment"}
    has_bounds = kind.name in {"text", "integer"}
    name = alias(attribute) if has_bounds else names.get(kind.name, camel(kind.name))
    return _wrapped(name, kind, f"Annotated[list[{{}}], Meta(max_length={MOST_ITEMS})]")


def _wrapped(name: str, kind: Type, collection: str) -> str:
    if kind.many:
        return collection.format(name)
    return f"{name} | None" if kind.optional else name


def default(kind: Type) -> str:
    """Return the default to write after the type of an optional or repeated attribute."""
    return " = None" if kind.optional else " = ()" if kind.many else ""


def alias(attribute: Attribute) -> str:
    """Return the name of the alias for the type with its bounds, such as `BookTitle`."""
    return f"{attribute.owner}{camel(attribute.full_name)}"


def constants(attribute: Attribute) -> dict[str, int]:
    """Return the bounds of an attribute by the names of their constants in the domain."""
    name = attribute.full_name.upper()
    if attribute.type.name == "text":
        return {f"LONGEST_{name}": attribute.type.most}
    if attribute.type.name == "integer":
        return {f"SMALLEST_{name}": attribute.type.least, f"LARGEST_{name}": attribute.type.most}
    return {}


def alias_definition(attribute: Attribute) -> str:
    """Return the definition of the alias; empty if the type has no bounds."""
    module, bounds = snake(attribute.owner), list(constants(attribute))
    if attribute.type.name == "text":
        example = Examples({}, {}).text(attribute)
        return f"{alias(attribute)} = Annotated[str, printable({module}.{bounds[0]}, {example!r})]"
    if attribute.type.name == "integer":
        meta = f"ge={module}.{bounds[0]}, le={module}.{bounds[1]}"
        example = str(_number(attribute.type))
        return f"{alias(attribute)} = Annotated[int, Meta({meta}, examples=[{example}])]"
    return ""


def requirement(attribute: Attribute, value: str) -> str:
    """Return the statement that checks a value; empty if its type needs no check."""
    kind = attribute.type
    subject = "each" if kind.many else value
    bounds = ", ".join(constants(attribute))
    check = {
        "text": f'require_text({subject}, "{attribute.name}", {bounds})',
        "identifier": f'require_text({subject}, "{attribute.name}", LONGEST_IDENTIFIER)',
        "integer": f'require_whole_number({subject}, "{attribute.name}", {bounds})',
        "moment": f'require_moment({subject}, "{attribute.name}")',
    }.get(kind.name, "")
    if check and kind.many:
        return f"for each in {value}:\n    {check}"
    return f"if {value} is not None:\n    {check}" if check and kind.optional else check


def to_domain(attribute: Attribute, value: str, values: Mapping[str, Value]) -> str:
    """Return the expression that converts a contract's value into the domain's."""
    kind = attribute.type
    has_parts = kind.name in COMPOSITE_TYPES or kind.name in values
    if kind.many:
        return f"tuple(each.to_domain() for each in {value})" if has_parts else f"tuple({value})"
    if not has_parts:
        return value
    conversion = f"{value}.to_domain()"
    return f"None if {value} is None else {conversion}" if kind.optional else conversion


class Examples:
    """Example values for tests, in the domain and on the wire.

    Args:
        enumerations: of the model.
        values: of the model.
    """

    def __init__(
        self, enumerations: Mapping[str, Enumeration], values: Mapping[str, Value]
    ) -> None:
        self._enumerations = enumerations
        self._values = values

    def text(self, attribute: Attribute) -> str:
        """Return the attribute's name as a text within its bounds."""
        text = attribute.name.replace("_", " ").capitalize()
        return text[: attribute.type.most].strip() or "A"

    def domain(self, attribute: Attribute) -> str:
        """Return an example of the domain's value, as code."""
        item = self._domain_item(attribute)
        return f"({item},)" if attribute.type.many else item

    def distinct(self, attribute: Attribute) -> str:
        """Return code that evaluates to another value of the domain each time.

        Only identifiers, texts and unique attributes vary; for others this is `domain`.
        """
        kind, name = attribute.type, attribute.type.name
        if kind.many or (kind.optional and not attribute.unique):
            return self.domain(attribute)
        if name == "identifier":
            return "new_id()"
        if name == "text":
            bound = f", {kind.most}" if kind.most < LONGEST_TEXT else ""
            return f"another({self.text(attribute)!r}{bound})"
        if attribute.unique and name == "integer":
            return f"another_number({kind.least}, {kind.most})"
        return (
            "another_moment()" if attribute.unique and name == "moment" else self.domain(attribute)
        )

    def _domain_item(self, attribute: Attribute) -> str:
        name = attribute.type.name
        if name in self._enumerations:
            return f"{name}.{self._enumerations[name].values[0].upper()}"
        if name in self._values:
            value = self._values[name]
            identifier = ["id=new_id()"] if value.is_entity else []
            parts = [f"{each.name}={self.domain(each)}" for each in value.attributes]
            return f"{name}({', '.join([*identifier, *parts])})"
        return {
            "text": repr(self.text(attribute)),
            "identifier": "AN_ID",
            "integer": str(_number(attribute.type)),
            "boolean": "True",
            "moment": "NOON",
            "money": 'Money.of("12.50", "EUR")',
            "address": "an_address()",
        }[name]

    def wire(self, attribute: Attribute) -> str:
        """Return an example of the JSON value, as code."""
        item = self._wire_item(attribute)
        return f"[{item}]" if attribute.type.many else item

    def _wire_item(self, attribute: Attribute) -> str:
        name = attribute.type.name
        if name in self._enumerations:
            return repr(self._enumerations[name].values[0])
        if name in self._values:
            value = self._values[name]
            identifier = ['"id": AN_ID'] if value.is_entity else []
            parts = [f'"{each.name}": {self.wire(each)}' for each in value.attributes]
            return f"{{{', '.join([*identifier, *parts])}}}"
        return {
            "text": repr(self.text(attribute)),
            "identifier": "AN_ID",
            "integer": str(_number(attribute.type)),
            "boolean": "True",
            "moment": '"2026-03-01T12:00:00Z"',
            "money": '{"amount": "12.50", "currency": "EUR"}',
            "address": "AN_ADDRESS",
        }[name]


def _number(kind: Type) -> int:
    return max(1, kind.least) if kind.most >= 1 else kind.least
