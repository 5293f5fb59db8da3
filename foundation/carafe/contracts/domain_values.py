"""The values of the domain that a message holds, built and checked."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

import msgspec
from msgspec import Struct
from msgspec.structs import FieldInfo

from carafe.domain.errors import InvalidValue

from .json_values import escaped
from .value import Value


class Refusal(NamedTuple):
    """A value that the domain refuses.

    Attributes:
        pointer: JSON pointer to the field at fault.
        reason: what is wrong with it.
    """

    pointer: str
    reason: str


class _Fields(NamedTuple):
    """The fields of a struct in which values can lie, at any depth.

    Attributes:
        names: in the code.
        wire_names: in JSON.
        is_value: the struct is a value itself.
    """

    names: tuple[str, ...]
    wire_names: tuple[str, ...]
    is_value: bool


_known: dict[type, _Fields] = {}


def build_values(part: Any) -> None:  # noqa: ANN401 - any part of a message
    """Build the domain's values in a message, which keeps them.

    Raises:
        InvalidValue: the domain refuses one; `refusals` names all.
    """
    fields = _known.get(type(part)) or _fields_with_values(type(part))
    if fields is not None:
        names, _, is_value = fields
        for name in names:
            build_values(getattr(part, name))
        if is_value:
            part.to_domain()
    elif isinstance(part, (list, tuple, set, frozenset)):
        for item in part:
            build_values(item)
    elif isinstance(part, dict):
        for item in part.values():
            build_values(item)


def refusals(part: Any, pointer: str = "") -> list[Refusal]:  # noqa: ANN401 - the same
    """Return every value in a message that the domain refuses.

    Args:
        part: the message, or a part of it.
        pointer: JSON pointer to the part.
    """
    fields = _fields_with_values(type(part))
    items: Iterable[tuple[object, Any]] = ()
    if fields is not None:
        items = [
            (wire_name, getattr(part, name))
            for name, wire_name in zip(fields.names, fields.wire_names, strict=True)
        ]
    elif isinstance(part, (list, tuple, set, frozenset)):
        items = enumerate(part)
    elif isinstance(part, dict):
        items = part.items()
    inner = [each for key, item in items for each in refusals(item, f"{pointer}/{escaped(key)}")]
    return inner if inner or fields is None or not fields.is_value else _own(part, pointer)


def _own(value: Value[Any], pointer: str) -> list[Refusal]:
    """Return why a value is refused whose parts are right."""
    try:
        value.to_domain()
    except InvalidValue as error:
        return [Refusal(f"{pointer}/{error.field}", error.reason)]
    return []


def _fields_with_values(kind: type) -> _Fields | None:
    """Return the fields of a struct in which values can lie; None for every other type."""
    if kind not in _known and issubclass(kind, Struct):
        every = msgspec.structs.fields(kind)
        # All of them while they are looked at: a struct may hold others of its own type.
        _known[kind] = _fields_of(kind, every)
        _known[kind] = _fields_of(kind, [each for each in every if _can_hold_values(each.type)])
    return _known.get(kind)


def _fields_of(kind: type[Struct], fields: Sequence[FieldInfo]) -> _Fields:
    names = tuple(each.name for each in fields)
    return _Fields(names, tuple(each.encode_name for each in fields), issubclass(kind, Value))


def _can_hold_values(kind: Any) -> bool:  # noqa: ANN401 - a type form
    if isinstance(kind, type) and issubclass(kind, Struct):
        fields = _fields_with_values(kind)
        return issubclass(kind, Value) or bool(fields and fields.names)
    generic = get_origin(kind)
    parts = get_args(kind) if generic is None else (generic, *get_args(kind))
    return isinstance(kind, TypeVar) or any(map(_can_hold_values, parts))
