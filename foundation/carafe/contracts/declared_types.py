"""The types of what an object of the domain holds, as its class declares them."""

import dataclasses
from types import UnionType
from typing import Annotated, TypeAlias, Union, get_args, get_origin, get_type_hints

Type: TypeAlias = object
"""A type form, such as `tuple[Money, ...]` or `str | None`."""


def attribute_types(declared: type) -> dict[str, Type]:
    """Return the types of a class's attributes by their names."""
    hints = get_type_hints(declared)
    return {field.name: hints[field.name] for field in dataclasses.fields(declared)}


def property_type(declared: type, name: str) -> Type | None:
    """Return the type of a property; None if there is no such property, or it declares no type."""
    attribute = getattr(declared, name, None)
    if not isinstance(attribute, property):
        return None
    return get_type_hints(attribute.fget).get("return")


def members_of(kind: Type) -> list[Type]:
    """Return the types of a union, or a type alone, without the constraints of `Annotated`."""
    if get_origin(kind) is Annotated:
        return members_of(get_args(kind)[0])
    if get_origin(kind) in {Union, UnionType}:
        return [member for each in get_args(kind) for member in members_of(each)]
    return [kind]


def item_type(kind: Type) -> Type | None:
    """Return the type of the items of an array of any length; None for everything else."""
    arguments = get_args(kind)
    if get_origin(kind) is tuple and arguments[1:] != (...,):
        return None
    return arguments[0] if get_origin(kind) in {list, tuple, set, frozenset} else None


def name_of(kind: Type) -> str:
    """Return a type as a person would write it."""
    return str(kind) if get_args(kind) else getattr(kind, "__name__", str(kind))
