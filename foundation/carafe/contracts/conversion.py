"""From objects of the domain to their wire forms, as the types on both sides say.

A conversion is written as source and compiled, as `dataclasses` does for `__init__`. It checks
no rule: what the domain holds was valid when it was made, and rules may have become stricter
since.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from itertools import count
from types import NoneType
from typing import Any, Literal, TypeGuard, TypeVar, get_args, get_origin
from uuid import UUID

import msgspec
from msgspec import Struct

from carafe.domain.model import SCHEMA_ATTRIBUTE, DomainEvent

from .declared_types import (
    Type,
    attribute_types,
    item_type,
    members_of,
    name_of,
    property_type,
)

C = TypeVar("C")

# What makes the text that stands in JSON; of a decimal `str` makes the same, in half the time.
_TEXT_IN_JSON: dict[Type, str] = {
    Decimal: "str",
    **dict.fromkeys((UUID, datetime, date, time, timedelta, bytes), "as_json"),
}


class Conversion:
    """The way from one declared class of the domain to one contract.

    Args:
        declared: the class of the domain.
        contract: its wire form.
        is_exact: the contract must hold every attribute, and may hold no property. When an
            event happened is no attribute here; it stands in the envelope.

    Attributes:
        faults: what makes it impossible, each with the name of its field.
    """

    def __init__(self, declared: type, contract: type[Struct], *, is_exact: bool = False) -> None:
        self.faults: list[str] = []
        self._is_exact = is_exact
        self._source: list[str] = []
        self._names: dict[str, Any] = {"as_json": msgspec.to_builtins}
        self._numbers = count()
        self._functions: dict[tuple[type, type], str] = {}
        self._first = self._function(declared, contract)

    def compiled(self) -> Callable[[Any], Any]:
        """Return the function that converts an object; there must be no faults."""
        exec(compile("\n".join(self._source), "<conversion>", "exec"), self._names)  # noqa: S102 - source is ours
        function: Callable[[Any], Any] = self._names[self._first]
        return function

    def _function(self, declared: type, contract: type[Struct]) -> str:
        """Write the function for a class, unless it is written already; return its name."""
        pair = (declared, contract)
        if pair not in self._functions:
            name = self._functions[pair] = self._new_name()
            fields = ", ".join(self._fields(declared, contract))
            self._source.append(f"def {name}(o): return {self._named(contract)}({fields})")
        return self._functions[pair]

    def _fields(self, declared: type, contract: type[Struct]) -> list[str]:
        """Return the arguments that make the contract."""
        types = attribute_types(declared)
        if issubclass(declared, DomainEvent):
            del types["occurred_at"]
        arguments = []
        for field in msgspec.structs.fields(contract):
            path = f"{contract.__name__}.{field.name}"
            kind = types.pop(field.encode_name if self._is_exact else field.name, None)
            if kind is None and not self._is_exact:
                kind = property_type(declared, field.name)
            if kind is None:
                self.faults.append(f"{path}: {declared.__name__} has no attribute {field.name}")
            else:
                value = self._value(kind, field.type, f"o.{field.name}", path)
                arguments.append(f"{field.name}={value}")
        if self._is_exact:
            self.faults += [
                f"{contract.__name__} lacks {each} of {declared.__name__}" for each in types
            ]
        return arguments

    def _value(self, kind: Type, target: Type, value: str, path: str) -> str:
        """Return the code that converts a value, which may be None."""
        kinds, targets = members_of(kind), members_of(target)
        if NoneType not in kinds:
            return self._one_of(kinds, targets, value, path)
        if NoneType not in targets:
            self.faults.append(f"{path} must be optional: the value in the domain may be None")
        kinds.remove(NoneType)
        name = self._new_name()
        converted = self._one_of(kinds, targets, name, path) if kinds else name
        if converted == name:
            return value
        return f"None if ({name} := {value}) is None else {converted}"

    def _one_of(self, kinds: list[Type], targets: list[Type], value: str, path: str) -> str:
        """Return the code that converts a value, which is of one of several types."""
        if len(kinds) > 1 and self._is_exact:
            self.faults.append(f"{path} may be of several types, which JSON does not tell apart")
        *cases, last = [self._case(kind, targets, value, path) for kind in kinds]
        classes = [self._named(get_origin(kind) or kind) for kind in kinds[:-1]]
        tested = zip(cases, classes, strict=True)
        return "".join(f"{case} if type({value}) is {each} else " for case, each in tested) + last

    def _case(self, kind: Type, targets: list[Type], value: str, path: str) -> str:
        """Return the code that converts a value of one type."""
        for target in targets if len(targets) == 1 else _of_the_same_tag(kind, targets):
            code = self._code(kind, target, value, path)
            if code is not None:
                return code
        expected = " | ".join(map(name_of, targets))
        self.faults.append(f"{path} is {expected}, which {name_of(kind)} cannot become")
        return value

    def _code(self, kind: Type, target: Type, value: str, path: str) -> str | None:
        """Return the code that converts a value of one type to another; None if nothing can."""
        if (item := item_type(kind)) and (item_target := item_type(target)):
            return self._array(item, item_target, get_origin(target) or list, value, path)
        if _is_a(kind, Enum):
            return self._enumeration(kind, target, value)
        if _is_declared(kind) and _is_a(target, Struct):
            return f"{self._function(kind, target)}({value})"
        if kind == target:
            return value
        if (kind, target) == (int, float):
            return f"float({value})"
        text_of = _TEXT_IN_JSON.get(kind) if target is str else None
        return f"{text_of}({value})" if text_of else None

    def _array(self, kind: Type, target: Type, array: type, value: str, path: str) -> str:
        item = self._value(kind, target, "i", path)
        items = value if item == "i" else f"[{item} for i in {value}]"
        return items if array is list and items != value else f"{array.__name__}({items})"

    def _enumeration(self, kind: type[Enum], target: Type, value: str) -> str | None:
        values = {member.value for member in kind}
        if kind is target:
            return value
        if _is_a(target, Enum) and values <= {member.value for member in target}:
            return f"{self._named(target)}({value}.value)"
        is_literal = get_origin(target) is Literal and values <= set(get_args(target))
        return f"{value}.value" if is_literal or {target} == set(map(type, values)) else None

    def _named(self, value: object) -> str:
        name = self._new_name()
        self._names[name] = value
        return name

    def _new_name(self) -> str:
        return f"_{next(self._numbers)}"


def _is_a(kind: Type, base: type[C]) -> TypeGuard[type[C]]:
    return isinstance(kind, type) and issubclass(kind, base)


def _is_declared(kind: Type) -> TypeGuard[type]:
    return isinstance(kind, type) and SCHEMA_ATTRIBUTE in vars(kind)


def _of_the_same_tag(kind: Type, targets: list[Type]) -> list[Type]:
    """Return the types of a union that a class may become: of contracts, the one with its tag."""
    tag = vars(kind)[SCHEMA_ATTRIBUTE].tag if _is_declared(kind) else None
    return [
        each for each in targets if not _is_a(each, Struct) or each.__struct_config__.tag == tag
    ]
