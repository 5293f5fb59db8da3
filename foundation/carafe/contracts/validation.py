"""From plain JSON values to contracts, with every fault named at once.

The fast path is one call of msgspec, and one build of each value of the domain, which the
message keeps for its handler. Only when one of them refuses are the fields looked at one by
one, since both stop at the first fault.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any, TypeVar

import msgspec
from msgspec.json import Decoder

from carafe.domain.errors import InvalidValue

from . import json_values
from .base import Contract
from .domain_values import build_values, refusals
from .first_use import complete
from .json_values import NotJson, RepeatedKeys, escaped
from .parts import bare_type, entries_of, is_struct, items_of, tag_field_of

T = TypeVar("T")


class Fault(Contract, frozen=True):
    """One thing wrong with a message.

    Attributes:
        pointer: JSON pointer (RFC 6901) to the field, such as `/lines/0/quantity`.
        detail: what is wrong there.
    """

    pointer: str
    detail: str


class MalformedMessage(Exception):
    """A message does not fit its contract.

    Args:
        faults: all that is wrong; empty if it is no message at all.
    """

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults))
        self.faults = faults


def read(contract: type[T], values: object, *, from_text: bool = False) -> T:
    """Build a contract from plain values.

    Args:
        contract: the type to build.
        values: what JSON holds: dicts, lists, texts, numbers.
        from_text: numbers may stand as text, as in a query string.

    Raises:
        MalformedMessage: it does not fit; names every fault.
    """
    try:
        message = msgspec.convert(values, complete(contract), strict=not from_text)
        build_values(message)
    except (msgspec.ValidationError, InvalidValue):
        faults = list(_faults(contract, values, "", strict=not from_text))
        raise MalformedMessage(faults) from None
    return message


def read_json(contract: type[T], body: bytes | str) -> T:
    """Build a contract from a message's body.

    Raises:
        MalformedMessage: it is no JSON, and then names no fault; or a key is repeated; or it does
            not fit, as `read`.
    """
    try:
        values = decode_json(body)
    except NotJson:
        raise MalformedMessage([]) from None
    return read(contract, values)


def decode_json(body: bytes | str, decoder: Decoder[Any] = json_values.DECODER) -> Any:  # noqa: ANN401 - any JSON
    """Return the values in a message's body.

    Raises:
        NotJson: it is no JSON.
        MalformedMessage: objects have keys that stand in them more than once; names them all.
    """
    try:
        return json_values.decode(body, decoder)
    except RepeatedKeys as error:
        faults = [Fault(pointer=each, detail="stands more than once") for each in error.pointers]
        raise MalformedMessage(faults) from None


def without_unknown_fields(kind: Any, values: object) -> object:  # noqa: ANN401 - a type form
    """Return plain values less the fields that the type does not name, at every depth."""
    kind = bare_type(kind, values)
    if (items := items_of(kind, values)) is not None:
        return [without_unknown_fields(each, item) for each, item in items]
    if (entries := entries_of(kind, values)) is not None:
        return {key: without_unknown_fields(each, value) for key, each, value in entries}
    if is_struct(kind) and isinstance(values, dict):
        tag_field = kind.__struct_config__.tag_field
        tag = {tag_field: values[tag_field]} if tag_field in values else {}
        return tag | {
            field.encode_name: without_unknown_fields(field.type, values[field.encode_name])
            for field in msgspec.structs.fields(kind)
            if field.encode_name in values
        }
    return values


def _faults(kind: Any, values: object, pointer: str, *, strict: bool) -> Iterator[Fault]:  # noqa: ANN401 - a type form
    """Yield the faults of a part: those of its own parts, or else its own."""
    try:
        part = msgspec.convert(values, kind, strict=strict)
    except msgspec.ValidationError as error:
        faults = list(_faults_of_parts(bare_type(kind, values), values, pointer, strict=strict))
        yield from faults or [_fault(error, _place(error, kind, pointer))]
    else:
        for refusal in refusals(part, pointer):
            yield Fault(pointer=refusal.pointer, detail=refusal.reason)


def _faults_of_parts(kind: Any, values: object, pointer: str, *, strict: bool) -> Iterator[Fault]:  # noqa: ANN401 - a type form
    for position, (each, item) in enumerate(items_of(kind, values) or ()):
        yield from _faults(each, item, f"{pointer}/{position}", strict=strict)
    for key, each, value in entries_of(kind, values) or ():
        yield from _faults(each, value, f"{pointer}/{escaped(key)}", strict=strict)
    if is_struct(kind) and isinstance(values, dict):
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        for name in _unknown_fields(kind, values, fields):
            yield Fault(pointer=f"{pointer}/{escaped(name)}", detail="unknown field")
        for name, field in fields.items():
            here = f"{pointer}/{escaped(name)}"
            if name in values:
                yield from _faults(field.type, values[name], here, strict=strict)
            elif field.required:
                yield Fault(pointer=here, detail="required, but missing")


def _unknown_fields(
    kind: type[msgspec.Struct], values: Iterable[str], fields: Collection[str]
) -> list[str]:
    """Return the names that a struct refuses; none if it passes unknown fields over."""
    config = kind.__struct_config__
    if not config.forbid_unknown_fields:
        return []
    return [each for each in values if each not in fields and each != config.tag_field]


def _place(error: msgspec.ValidationError, kind: Any, pointer: str) -> str:  # noqa: ANN401 - a type form
    """Return the pointer to what no part is at fault for: the part itself, or its tag.

    msgspec says that the tag is wrong only in the text of its error.
    """
    tag_field = tag_field_of(kind)
    of_the_tag = (f" - at `$.{tag_field}`", f"missing required field `{tag_field}`")
    if tag_field is not None and str(error).endswith(of_the_tag):
        return f"{pointer}/{escaped(tag_field)}"
    return pointer


def _fault(error: msgspec.ValidationError, pointer: str) -> Fault:
    """Say it in msgspec's words, or in the domain's where the domain refused."""
    refusal = error.__cause__
    if isinstance(refusal, InvalidValue):
        return Fault(pointer=f"{pointer}/{refusal.field}", detail=refusal.reason)
    detail, _, _ = str(error).partition(" - at ")
    return Fault(pointer=pointer, detail=detail[:1].lower() + detail[1:])
