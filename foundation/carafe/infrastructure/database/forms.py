"""What a declared class looks like when it is stored: the forms of its attributes.

From these come the document codec, the validator of the collection and the checks of
criteria. A class that holds something no store can keep is refused here, by name.
"""

import dataclasses
import itertools
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from msgspec import Struct

from carafe.domain.model import SCHEMA_ATTRIBUTE, AggregateRoot, Schema

# Kept by the repository beside the state, under names of its own.
BOOKKEEPING = {field.name for field in dataclasses.fields(AggregateRoot)} - {"id"}
RESERVED = {
    "_id",
    "version",
    "schema_version",
    "sequence",
    "pending",
    "pending_since",
    "handled",
    "timers",
    "next_due",
    "claimed_until",
    "timers_parked_since",
    "deleted_at",
    "expires_at",
    "_marks",  # all that later versions note beside these (decision 0037)
}

# In the document of a value that is one of several classes: which one.
TAG_FIELD = "kind"

PLAIN = {str, int, float, bool, bytes, UUID}


class UnstorableType(TypeError):
    """A class of the domain cannot be stored; the message names the attribute."""


class ScalarForm(Struct, frozen=True):
    """Stored as it is."""

    kind: type


class DecimalForm(Struct, frozen=True):
    """A decimal number, with exactly its digits."""


class MomentForm(Struct, frozen=True):
    """A point in time with its zone, in milliseconds."""


class IsoForm(Struct, frozen=True):
    """A date or a time of day, which BSON does not have, as text: `2026-03-01`, `12:00:00`."""

    kind: type[date] | type[time]


class EnumForm(Struct, frozen=True):
    """A member of an enumeration, by its value."""

    enumeration: type[Enum]


class EmbeddedForm(Struct, frozen=True):
    """A declared class inside another."""

    declared: type


class ArrayForm(Struct, frozen=True):
    """Any number of one form."""

    item: "Form"
    is_tuple: bool


class OptionalForm(Struct, frozen=True):
    """A form, or nothing."""

    inner: "Form"


class UnionForm(Struct, frozen=True):
    """One of several declared classes, told apart by their tags."""

    members: tuple[tuple[str, type], ...]


Form = (
    ScalarForm
    | DecimalForm
    | MomentForm
    | IsoForm
    | EnumForm
    | EmbeddedForm
    | ArrayForm
    | OptionalForm
    | UnionForm
)


def schema_of(declared: type) -> Schema:
    """Return what `@schema` declares about a class.

    Raises:
        UnstorableType: it is not declared.
    """
    declaration: Schema | None = vars(declared).get(SCHEMA_ATTRIBUTE)
    if declaration is None:
        raise UnstorableType(f"{declared.__name__} is not declared with @schema")
    return declaration


_fields: dict[type, dict[str, Form]] = {}


def stored_fields(declared: type) -> dict[str, Form]:
    """Return the attributes of a class that a store keeps, with their forms.

    Raises:
        UnstorableType: names the attribute that cannot be stored.
    """
    # Every criterion and every sort order asks, and reading annotations takes long.
    if declared not in _fields:
        _fields[declared] = _fields_of(declared)
    return _fields[declared]


def optional_by_default(declared: type) -> list[str]:
    """Return the attributes that are optional and None by default: documents may lack them.

    A missing value and None are the same to the store's queries and indexes as well, which
    would not find a document by any other default.
    """
    defaults = {field.name: field.default for field in dataclasses.fields(declared)}
    return [
        name
        for name, form in stored_fields(declared).items()
        if isinstance(form, OptionalForm) and defaults[name] is None
    ]


def _fields_of(declared: type) -> dict[str, Form]:
    schema_of(declared)
    hints = get_type_hints(declared)
    names = [field.name for field in dataclasses.fields(declared)]
    if issubclass(declared, AggregateRoot):
        names = [name for name in names if name not in BOOKKEEPING and name != "id"]
        if reserved := (RESERVED | BOOKKEEPING).intersection(_own_names(declared)):
            raise UnstorableType(f"{declared.__name__}.{min(reserved)} is a reserved name")
    return {name: _form(hints[name], f"{declared.__name__}.{name}") for name in names}


def _own_names(aggregate: type[AggregateRoot]) -> set[str]:
    """Return the names that an aggregate declares, and not `AggregateRoot` for it."""
    own = itertools.takewhile(lambda each: each is not AggregateRoot, aggregate.__mro__)
    return {name for each in own for name in vars(each).get("__annotations__", ())}


def _form(kind: Any, path: str) -> Form:  # noqa: ANN401, PLR0911 - a type form; one answer each
    if kind in PLAIN:
        return ScalarForm(kind)
    if kind is Decimal:
        return DecimalForm()
    if kind is datetime:
        return MomentForm()
    if kind in {date, time}:
        return IsoForm(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum_form(kind, path)
    if isinstance(kind, type) and SCHEMA_ATTRIBUTE in vars(kind):
        return EmbeddedForm(kind)
    return _compound(kind, path)


def _compound(kind: Any, path: str) -> Form:  # noqa: ANN401 - a type form
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is list or (origin is tuple and arguments[1:] == (...,)):
        return ArrayForm(_form(arguments[0], path), is_tuple=origin is tuple)
    if origin in {Union, UnionType}:
        others = [each for each in arguments if each is not NoneType]
        inner = _form(others[0], path) if len(others) == 1 else _union_form(others, path)
        return OptionalForm(inner) if NoneType in arguments else inner
    raise UnstorableType(f"{path}: {kind} has no stored form")


def _enum_form(enumeration: type[Enum], path: str) -> EnumForm:
    values = [member.value for member in enumeration]
    if not all(isinstance(value, (str, int)) for value in values):
        raise UnstorableType(f"{path}: the values of {enumeration.__name__} must be text or int")
    return EnumForm(enumeration)


def _union_form(kinds: list[Any], path: str) -> UnionForm:
    members: dict[str, type] = {}
    for kind in kinds:
        declared = isinstance(kind, type) and SCHEMA_ATTRIBUTE in vars(kind)
        tag = schema_of(kind).tag if declared else None
        if tag is None:
            raise UnstorableType(f"{path}: each class of a union needs @schema(tag=...), {kind}")
        if members.setdefault(tag, kind) is not kind:
            raise UnstorableType(f"{path}: the tag {tag} is taken twice")
        if TAG_FIELD in {field.name for field in dataclasses.fields(kind)}:
            raise UnstorableType(f"{path}: {kind.__name__}.{TAG_FIELD} is kept for the tag")
    return UnionForm(tuple(members.items()))
