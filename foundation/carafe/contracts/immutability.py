"""Which classes have objects that never change, so that several callers may share one."""

import dataclasses
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from types import NoneType
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

from .declared_types import attribute_types, members_of

_ATOMS = {
    str,
    int,
    float,
    bool,
    bytes,
    Decimal,
    datetime,
    date,
    time,
    timedelta,
    UUID,
    NoneType,
}

_results: dict[type, bool] = {}


def is_immutable(declared: type) -> bool:
    """Return whether no object of a class can change, nor anything that it holds.

    A class qualifies if it is a frozen dataclass whose attributes all do. When in doubt, for
    example because a type is not declared or cannot be resolved, the answer is no.
    """
    result = _results.get(declared)
    if result is None:
        result = _results[declared] = _never_changes(declared, set())
    return result


def _never_changes(kind: Any, visited: set[type]) -> bool:  # noqa: ANN401 - a type form
    """Return whether a type qualifies, taking for granted those that are being looked at."""
    if kind in _ATOMS or get_origin(kind) is Literal:
        return True
    if get_origin(kind) in {tuple, frozenset}:
        items = [each for each in get_args(kind) if each is not ...]
        return all(_never_changes(each, visited) for each in items)
    members = members_of(kind)
    if members != [kind]:
        return all(_never_changes(each, visited) for each in members)
    if not isinstance(kind, type):
        return False
    return issubclass(kind, Enum) or kind in visited or _is_frozen(kind, visited | {kind})


def _is_frozen(kind: type, visited: set[type]) -> bool:
    """Return whether a class is a frozen dataclass of attributes that qualify."""
    if not dataclasses.is_dataclass(kind) or not kind.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        return False
    try:
        types = attribute_types(kind)
    except (NameError, AttributeError, TypeError):  # an annotation of a type checker alone
        return False
    return all(_never_changes(each, visited) for each in types.values())
