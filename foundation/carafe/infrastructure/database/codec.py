"""Domain objects to documents and back, derived from `@schema`.

For each declared class one encoding and one decoding function is written as source and
compiled, as `dataclasses` does for `__init__`: a straight line of attribute accesses, with
no loop over fields left at run time. Decoding does not validate again: what is stored was
valid when it was written, and rules may have become stricter since.
"""

import linecache
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any, TypeVar

from msgspec import Struct

from carafe.domain.model import AggregateRoot, Entity

from .decimals import from_bson, to_bson
from .forms import (
    TAG_FIELD,
    ArrayForm,
    DecimalForm,
    EmbeddedForm,
    EnumForm,
    Form,
    IsoForm,
    MomentForm,
    OptionalForm,
    ScalarForm,
    UnionForm,
    optional_by_default,
    stored_fields,
)
from .moments import stored_moment
from .timers import timers_in

A = TypeVar("A", bound=AggregateRoot)

Document = dict[str, Any]

_BOOKKEEPING = {
    "id": "d['_id']",
    "version": "d['version']",
    "sequence": "d['sequence']",
    "recorded": "[]",
    "timers": "timers_in(d)",
    "has_changed_timers": "False",
}
"""What every aggregate has beside its own attributes, and the code that decodes it."""


class Codec(Struct, frozen=True):
    """The two directions for one class.

    Attributes:
        encode: object → document of its attributes.
        decode: document → object, without validation. A missing attribute that is optional and
            None by default is None; for any other, KeyError names it.
    """

    encode: Callable[[Any], Document]
    decode: Callable[[Mapping[str, Any]], Any]


_codecs: dict[type, Codec] = {}
_numbers = count()


def codec_for(declared: type) -> Codec:
    """Return the codec of a class declared with `@schema`.

    Raises:
        UnstorableType: it is not declared, or an attribute is of a type without stored form.
    """
    if declared not in _codecs:
        writer = _Writer(declared)
        _codecs[declared] = Codec(writer.encoder(), writer.decoder())
    return _codecs[declared]


_partial_decoders: dict[tuple[type, frozenset[str]], Callable[[Document], Any]] = {}


def partial_decoder(declared: type[A], names: frozenset[str]) -> Callable[[Document], A]:
    """Return what decodes only some attributes; the object that it returns lacks the others.

    Args:
        declared: the class of an aggregate.
        names: of the attributes; `id`, `version` and `sequence` may be among them.

    Raises:
        UnstorableType: the class is not declared, or an attribute has no stored form.
        KeyError: there is no such attribute.
    """
    if (declared, names) not in _partial_decoders:
        _partial_decoders[declared, names] = _Writer(declared).decoder(names)
    return _partial_decoders[declared, names]


def encode_value(form: Form, value: Any) -> Any:  # noqa: ANN401, PLR0911 - one answer a form
    """Return the stored form of a single value, such as one to look for."""
    match form:
        case DecimalForm():
            return to_bson(value)
        case MomentForm():
            return stored_moment(value)
        case IsoForm():
            return value.isoformat()
        case EnumForm():
            return value.value
        case EmbeddedForm(declared):
            return codec_for(declared).encode(value)
        case ArrayForm(item):
            return [encode_value(item, each) for each in value]
        case OptionalForm(inner):
            return None if value is None else encode_value(inner, value)
        case UnionForm():
            return _tagging(form)[type(value)](value)
    return value


def decode_value(form: Form, value: Any) -> Any:  # noqa: ANN401, PLR0911 - one answer a form
    """Return the value of a single stored form."""
    match form:
        case DecimalForm():
            return from_bson(value)
        case IsoForm(kind):
            return kind.fromisoformat(value)
        case EnumForm(enumeration):
            return enumeration(value)
        case EmbeddedForm(declared):
            return codec_for(declared).decode(value)
        case ArrayForm(item, is_tuple):
            items = [decode_value(item, each) for each in value]
            return tuple(items) if is_tuple else items
        case OptionalForm(inner):
            return None if value is None else decode_value(inner, value)
        case UnionForm(members):
            return codec_for(dict(members)[value[TAG_FIELD]]).decode(value)
    return value


class _Writer:
    """Writes the source of one class's functions, and collects the names it refers to."""

    def __init__(self, declared: type) -> None:
        self.declared = declared
        self.fields = stored_fields(declared)
        self.names: dict[str, Any] = {
            "cls": declared,
            "new": declared.__new__,
            "timers_in": timers_in,
        }

    def encoder(self) -> Callable[[Any], Document]:
        return self._compiled(f"def function(o):\n    return {self._entries(self.fields, 'o')}\n")

    def _entries(self, fields: Mapping[str, Form], value: str) -> str:
        entries = (
            f"{name!r}: {self._encoding(form, f'{value}.{name}')}" for name, form in fields.items()
        )
        return f"{{{', '.join(entries)}}}"

    def decoder(self, names: Iterable[str] | None = None) -> Callable[[Mapping[str, Any]], Any]:
        """Return what decodes these attributes; by default all."""
        is_root = issubclass(self.declared, AggregateRoot)
        omissible = optional_by_default(self.declared)
        if names is None:
            names = [*self.fields, *(_BOOKKEEPING if is_root else ())]
        lines = ["def function(d):", "    o = new(cls)"]
        for name in names:
            if is_root and name in _BOOKKEEPING:
                lines.append(f"    o.{name} = {_BOOKKEEPING[name]}")
            else:
                value = f"d[{name!r}]"
                if name in omissible:
                    lines.append(f"    v = d.get({name!r})")
                    value = "v"
                value = self._decoding(self.fields[name], value)
                lines.append(f"    {self._assignment(name, value)}")
        return self._compiled("\n".join([*lines, "    return o", ""]))

    def _assignment(self, name: str, value: str) -> str:
        if issubclass(self.declared, Entity):
            return f"o.{name} = {value}"
        # A frozen dataclass refuses assignment; its slot itself does not.
        return f"{self._named(getattr(self.declared, name).__set__)}(o, {value})"

    def _encoding(self, form: Form, value: str) -> str:  # noqa: C901, PLR0911 - one answer a form
        match form:
            case DecimalForm():
                return f"{self._named(to_bson)}({value})"
            case MomentForm():
                return f"{self._named(stored_moment)}({value})"
            case IsoForm():
                return f"{value}.isoformat()"
            case EnumForm():
                return f"{value}.value"
            case EmbeddedForm(declared):
                return self._entries(stored_fields(declared), value)
            case ArrayForm(item):
                if isinstance(item, ScalarForm):
                    return f"list({value})"
                return f"[{self._encoding(item, 'i')} for i in {value}]"
            case OptionalForm(inner):
                if isinstance(inner, ScalarForm):
                    return value
                return f"None if {value} is None else {self._encoding(inner, value)}"
            case UnionForm():
                return f"{self._named(_tagging(form))}[type({value})]({value})"
        return value

    def _decoding(self, form: Form, value: str) -> str:  # noqa: PLR0911 - one answer a form
        match form:
            case DecimalForm():
                return f"{self._named(from_bson)}({value})"
            case IsoForm(iso):
                return f"{self._named(iso.fromisoformat)}({value})"
            case EnumForm(enumeration):
                return f"{self._named({each.value: each for each in enumeration})}[{value}]"
            case EmbeddedForm(declared):
                return f"{self._named(codec_for(declared).decode)}({value})"
            case ArrayForm(item, is_tuple):
                kind = "tuple" if is_tuple else "list"
                if isinstance(item, ScalarForm | MomentForm):
                    return f"{kind}({value})"
                items = f"[{self._decoding(item, 'i')} for i in {value}]"
                return f"tuple({items})" if is_tuple else items
            case OptionalForm(inner):
                if isinstance(inner, ScalarForm | MomentForm):
                    return value
                return f"None if {value} is None else {self._decoding(inner, value)}"
            case UnionForm(members):
                decoders = {tag: codec_for(declared).decode for tag, declared in members}
                return f"{self._named(decoders)}[{value}[{TAG_FIELD!r}]]({value})"
        return value

    def _named(self, value: object) -> str:
        # By number: classes of different modules may have the same name.
        self.names[name := f"_{len(self.names)}"] = value
        return name

    def _compiled(self, source: str) -> Callable[[Any], Any]:
        namespace = dict(self.names)
        file_name = f"<codec of {self.declared.__name__}, {next(_numbers)}>"
        # So that a traceback shows the line, and with it the attribute that is damaged.
        linecache.cache[file_name] = (len(source), None, source.splitlines(keepends=True), "")
        exec(compile(source, file_name, "exec"), namespace)  # noqa: S102 - source is ours
        function: Callable[[Any], Any] = namespace["function"]
        return function


def _tagging(form: UnionForm) -> dict[type, Callable[[Any], Document]]:
    """Return, for each class of a union, its encoder with the tag added."""

    def with_tag(tag: str, encode: Callable[[Any], Document]) -> Callable[[Any], Document]:
        return lambda value: {TAG_FIELD: tag, **encode(value)}

    return {declared: with_tag(tag, codec_for(declared).encode) for tag, declared in form.members}
