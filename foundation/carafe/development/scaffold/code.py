"""Attributes of a model as code: their types, bounds and checks."""

from collections.abc import Mapping

from carafe.development.discovery.model import Attribute, Value
from carafe.development.discovery.names import camel, snake
from carafe.development.discovery.types import MOST_ITEMS, Type

from .examples import COMPOSITE_TYPES, Examples

DOMAIN = {
    "text": "str",
    "identifier": "str",
    "integer": "int",
    "boolean": "bool",
    "moment": "datetime",
    "date": "date",
    "time": "time",
    "money": "Money",
    "address": "Address",
}
ITEMS = {
    "text": "each_text",
    "identifier": "each_identifier",
    "integer": "each_number",
    "moment": "each_moment",
    "date": "each_date",
    "time": "each_time",
}


def domain_type(kind: Type) -> str:
    """Return the type that an attribute has in the domain."""
    name = DOMAIN.get(kind.name, kind.name)
    return _wrapped(name, kind, "tuple[{}, ...]")


def event_field_type(kind: Type) -> str:
    """Return the type in integration events, which needs no validation."""
    return _wrapped(DOMAIN.get(kind.name, kind.name), kind, "list[{}]")


def view_field_type(attribute: Attribute, examples: Examples) -> str:
    """Return the type in views: without bounds, with an example for the OpenAPI document."""
    kind = attribute.type
    shown_as = {
        "text": repr(examples.text(attribute)),
        "integer": str(examples.number(attribute)),
    }
    names = {"identifier": "ShownId", **_times(attribute, examples)}
    name = names.get(kind.name, DOMAIN.get(kind.name, kind.name))
    if kind.name in shown_as:
        name = f"Annotated[{name}, shown_as({shown_as[kind.name]})]"
    return _wrapped(name, kind, "list[{}]")


def contract_type(attribute: Attribute, examples: Examples) -> str:
    """Return the type in commands, bounds included."""
    has_bounds = attribute.type.name in {"text", "integer"}
    return _contract_type(attribute, alias(attribute) if has_bounds else "", examples)


def bounded_type(attribute: Attribute, examples: Examples) -> str:
    """Return the type of a field that no behaviour takes: its bounds have no other place."""
    kind = attribute.type
    number = f"ge={kind.least}, le={kind.most}, examples=[{examples.number(attribute)}]"
    bounded = {
        "text": f"Annotated[str, printable({kind.most}, {examples.text(attribute)!r})]",
        "integer": f"Annotated[int, Meta({number})]",
    }.get(kind.name, "")
    return _contract_type(attribute, bounded, examples)


def _contract_type(attribute: Attribute, bounded: str, examples: Examples) -> str:
    kind = attribute.type
    names = {
        "identifier": "Text" if attribute.from_caller else "Identifier",
        "boolean": "bool",
        **_times(attribute, examples),
    }
    name = bounded or names.get(kind.name, camel(kind.name))
    return _wrapped(name, kind, f"Annotated[list[{{}}], Meta(max_length={MOST_ITEMS})]")


def _times(attribute: Attribute, examples: Examples) -> dict[str, str]:
    """Return the type of a moment, date or time; only the first of several has its own example."""
    kinds = {
        "moment": ("Moment", examples.moment, "2026-03-01T12:00:00Z"),
        "date": ("CalendarDate", examples.date, "2026-03-01"),
        "time": ("TimeOfDay", examples.time, "12:00:00"),
    }
    if attribute.type.name not in kinds:
        return {}
    name, example_of, usual = kinds[attribute.type.name]
    example = example_of(attribute)
    shown = name if example == usual else f'Annotated[{name}, shown_as("{example}")]'
    return {attribute.type.name: shown}


def _wrapped(name: str, kind: Type, collection: str) -> str:
    if kind.many:
        return collection.format(name)
    return f"{name} | None" if kind.optional else name


def default(kind: Type) -> str:
    """Return the default to write after the type of an optional or repeated attribute."""
    return " = None" if kind.optional else " = ()" if kind.many else ""


def default_of(attribute: Attribute) -> str:
    """Return the default to write behind an attribute or a parameter; empty without one."""
    return (
        default(attribute.type) if attribute.default is None else f" = {default_value(attribute)}"
    )


def parameter_default(attribute: Attribute) -> str:
    """Return the default of a parameter: a list that is taken has none."""
    return "" if attribute.type.many else default_of(attribute)


def default_value(attribute: Attribute) -> str:
    """Return the default of an attribute that has one, as code."""
    kind, value = attribute.type.name, attribute.default
    if kind == "text":
        return repr(value)
    if kind == "integer":
        return f"{int(str(value)):_}" if int(str(value)) >= 1000 else str(value)  # noqa: PLR2004 - as in 1_000
    return str(value) if isinstance(value, bool) else f"{kind}.{str(value).upper()}"


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


def alias_definition(attribute: Attribute, examples: Examples) -> str:
    """Return the definition of the alias; empty if the type has no bounds."""
    module, bounds = snake(attribute.owner), list(constants(attribute))
    if attribute.type.name == "text":
        example = repr(examples.text(attribute))
        return f"{alias(attribute)} = Annotated[str, printable({module}.{bounds[0]}, {example})]"
    if attribute.type.name == "integer":
        meta = f"ge={module}.{bounds[0]}, le={module}.{bounds[1]}"
        example = str(examples.number(attribute))
        return f"{alias(attribute)} = Annotated[int, Meta({meta}, examples=[{example}])]"
    return ""


def requirement(attribute: Attribute, value: str, *, lies_ahead: bool = False) -> str:
    """Return the statement that checks a value; empty if its type needs no check.

    Args:
        attribute: that gets the value.
        value: as an expression.
        lies_ahead: it is a moment in the future.
    """
    kind = attribute.type
    # One name for each type: two loops over values of different types cannot share a variable.
    item = ITEMS.get(kind.name, "")
    subject = item if kind.many else value
    bounds, after = ", ".join(constants(attribute)), ", after=at" if lies_ahead else ""
    check = {
        "text": f'require_text({subject}, "{attribute.name}", {bounds})',
        "identifier": f'require_text({subject}, "{attribute.name}", LONGEST_IDENTIFIER)',
        "caller": f'require_subject({subject}, "{attribute.name}")',
        "integer": f'require_whole_number({subject}, "{attribute.name}", {bounds})',
        "moment": f'require_moment({subject}, "{attribute.name}"{after})',
        "date": f'require_date({subject}, "{attribute.name}")',
        "time": f'require_time({subject}, "{attribute.name}")',
    }.get("caller" if attribute.from_caller else kind.name, "")
    if check and kind.many:
        return f"for {item} in {value}:\n    {check}"
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
