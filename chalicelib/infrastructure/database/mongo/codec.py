"""Domain objects to MongoDB documents and back, derived from `@schema`.

For each declared class one encoding and one decoding function is written as source and
compiled, as `dataclasses` does for `__init__`: a straight line of attribute accesses, with
no loop over fields left at run time. Decoding does not validate again: what is stored was
valid when it was written, and rules may have become stricter since.

A class that holds something no document can store is refused when its codec is built.
"""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from chalicelib.domain.model import SCHEMA_ATTRIBUTE, AggregateRoot, Entity

from .decimals import from_bson, to_bson

T = TypeVar("T")
Document = dict[str, Any]

# Kept by the repository beside the state, under names of its own.
_BOOKKEEPING = {field.name for field in dataclasses.fields(AggregateRoot)} - {"id"}
RESERVED = {
    "_id",
    "version",
    "schema_version",
    "sequence",
    "pending",
    "pending_since",
    "handled",
    "deleted_at",
    "expires_at",
}

_AS_THEY_ARE = {str, int, float, bool, bytes, datetime}


class UnstorableType(TypeError):
    """A class of the domain cannot be stored; the message names the attribute."""


@dataclasses.dataclass(frozen=True)
class Codec:
    """The two directions for one class.

    Attributes:
        encode: object → document of its attributes.
        decode: document → object, without validation; KeyError names a missing attribute.
    """

    encode: Callable[[Any], Document]
    decode: Callable[[Mapping[str, Any]], Any]


_CODECS: dict[type, Codec] = {}


def codec_for(declared: type) -> Codec:
    """Return the codec of a class declared with `@schema`.

    Raises:
        UnstorableType: it is not declared, or an attribute is of a type without stored form.
    """
    if declared not in _CODECS:
        if SCHEMA_ATTRIBUTE not in vars(declared):
            raise UnstorableType(f"{declared.__name__} is not declared with @schema")
        writer = _Writer(declared)
        _CODECS[declared] = Codec(writer.encoder(), writer.decoder())
    return _CODECS[declared]


def stored_fields(declared: type) -> dict[str, Any]:
    """Return the attributes of a class that its document holds, with their types."""
    hints = get_type_hints(declared)
    names = [field.name for field in dataclasses.fields(declared)]
    if issubclass(declared, AggregateRoot):
        names = [name for name in names if name not in _BOOKKEEPING and name != "id"]
        taken = RESERVED.intersection(names)
        if taken:
            raise UnstorableType(f"{declared.__name__}.{min(taken)} is a reserved name")
    return {name: hints[name] for name in names}


class _Writer:
    """Writes the source of one class's functions, and collects the names it refers to."""

    def __init__(self, declared: type) -> None:
        self.declared = declared
        self.fields = stored_fields(declared)
        self.names: dict[str, Any] = {"cls": declared, "new": declared.__new__}

    def encoder(self) -> Callable[[Any], Document]:
        entries = ", ".join(
            f"{name!r}: {self._encoding(kind, f'o.{name}', name)}"
            for name, kind in self.fields.items()
        )
        return self._compiled(f"def function(o):\n    return {{{entries}}}\n")

    def decoder(self) -> Callable[[Mapping[str, Any]], Any]:
        lines = ["def function(d):", "    o = new(cls)"]
        for name, kind in self.fields.items():
            value = self._decoding(kind, f"d[{name!r}]", name)
            lines.append(f"    {self._assignment(name, value)}")
        if issubclass(self.declared, AggregateRoot):
            lines.append("    o.id = d['_id']; o.version = d['version']")
            lines.append("    o.sequence = d['sequence']; o.recorded = []")
        return self._compiled("\n".join([*lines, "    return o", ""]))

    def _assignment(self, name: str, value: str) -> str:
        if issubclass(self.declared, Entity):
            return f"o.{name} = {value}"
        # A frozen dataclass refuses assignment; its slot itself does not.
        return f"{self._named(getattr(self.declared, name).__set__, f'set_{name}')}(o, {value})"

    def _encoding(self, kind: Any, value: str, path: str) -> str:  # noqa: ANN401 - a type form
        def nested(inner: Any, item: str) -> str:  # noqa: ANN401 - a type form
            return self._encoding(inner, item, path)

        if kind is Decimal:
            return f"{self._named(to_bson, 'to_bson')}({value})"
        if isinstance(kind, type) and issubclass(kind, Enum):
            return f"{value}.value"
        if SCHEMA_ATTRIBUTE in getattr(kind, "__dict__", {}):
            return f"{self._named(codec_for(kind).encode, f'encode_{kind.__name__}')}({value})"
        return self._compound(kind, value, path, nested)

    def _decoding(self, kind: Any, value: str, path: str) -> str:  # noqa: ANN401 - a type form
        def nested(inner: Any, item: str) -> str:  # noqa: ANN401 - a type form
            return self._decoding(inner, item, path)

        if kind is Decimal:
            return f"{self._named(from_bson, 'from_bson')}({value})"
        if isinstance(kind, type) and issubclass(kind, Enum):
            members = {member.value: member for member in kind}
            return f"{self._named(members, f'members_{kind.__name__}')}[{value}]"
        if SCHEMA_ATTRIBUTE in getattr(kind, "__dict__", {}):
            return f"{self._named(codec_for(kind).decode, f'decode_{kind.__name__}')}({value})"
        if get_origin(kind) is tuple:
            return f"tuple({self._compound(kind, value, path, nested)})"
        return self._compound(kind, value, path, nested)

    def _compound(
        self,
        kind: Any,  # noqa: ANN401 - a type form
        value: str,
        path: str,
        nested: Callable[[Any, str], str],
    ) -> str:
        """Handle what both directions treat alike: plain values, lists, optional values."""
        arguments = get_args(kind)
        if kind in _AS_THEY_ARE:
            return value
        if get_origin(kind) is list or (get_origin(kind) is tuple and arguments[1:] == (...,)):
            return f"[{nested(arguments[0], 'i')} for i in {value}]"
        if get_origin(kind) in {Union, UnionType} and NoneType in arguments:
            others = [each for each in arguments if each is not NoneType]
            if len(others) == 1:
                return f"None if {value} is None else {nested(others[0], value)}"
        raise UnstorableType(f"{self.declared.__name__}.{path}: {kind} has no stored form")

    def _named(self, value: object, name: str) -> str:
        self.names[name] = value
        return name

    def _compiled(self, source: str) -> Callable[[Any], Any]:
        namespace = dict(self.names)
        exec(compile(source, f"<codec of {self.declared.__name__}>", "exec"), namespace)  # noqa: S102 - source is ours
        function: Callable[[Any], Any] = namespace["function"]
        return function
