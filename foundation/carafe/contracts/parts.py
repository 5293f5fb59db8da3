"""The parts of plain JSON values, each with the type that its contract declares for it."""

from typing import Any, TypeGuard, get_args, get_origin

from msgspec import Struct

from .declared_types import members_of

_ARRAYS = {list, tuple, set, frozenset}


def is_struct(kind: Any) -> TypeGuard[type[Struct]]:  # noqa: ANN401 - a type form
    """Return whether a type is a struct."""
    return isinstance(kind, type) and issubclass(kind, Struct)


def bare_type(kind: Any, values: object) -> Any:  # noqa: ANN401 - a type form
    """Return the type whose parts the values have, without constraints and `| None`.

    Of a union it is the member that the values look like: for an object the struct with its tag,
    for an array the member that is one. A union of which no member fits is returned as it is.
    """
    members = [each for each in members_of(kind) if each is not type(None)]
    if len(members) == 1:
        return members[0]
    return next((each for each in _alike(members, values) if _has_tag(each, values)), kind)


def _alike(members: list[Any], values: object) -> list[Any]:
    """Return the members of a union that an object or an array may become."""
    if isinstance(values, dict):
        structs = [each for each in members if is_struct(each)]
        return structs or [each for each in members if get_origin(each) is dict]
    return [each for each in members if isinstance(values, list) and get_origin(each) in _ARRAYS]


def _has_tag(kind: Any, values: Any) -> bool:  # noqa: ANN401 - a type form, plain values
    """Return whether an object has a struct's tag; what has no tag needs none."""
    if not is_struct(kind) or kind.__struct_config__.tag_field is None:
        return True
    return bool(values.get(kind.__struct_config__.tag_field) == kind.__struct_config__.tag)


def tag_field_of(kind: Any) -> str | None:  # noqa: ANN401 - a type form
    """Return the field that tells the structs of a union apart; None if nothing does."""
    fields = (each.__struct_config__.tag_field for each in members_of(kind) if is_struct(each))
    return next(fields, None)


def items_of(kind: Any, values: object) -> list[tuple[Any, object]] | None:  # noqa: ANN401 - a type form
    """Return the items of an array with their types.

    None if the values are no array, or have another length than the type.
    """
    if get_origin(kind) not in _ARRAYS or not isinstance(values, list):
        return None
    kinds = get_args(kind)
    if get_origin(kind) is not tuple or kinds[1:] == (...,):
        return [(kinds[0], each) for each in values]
    return list(zip(kinds, values, strict=True)) if len(kinds) == len(values) else None


def entries_of(kind: Any, values: object) -> list[tuple[str, Any, object]] | None:  # noqa: ANN401 - a type form
    """Return the keys of a dict with the types of the values and the values; None if it is none."""
    if get_origin(kind) is not dict or not isinstance(values, dict):
        return None
    return [(key, get_args(kind)[1], each) for key, each in values.items()]
