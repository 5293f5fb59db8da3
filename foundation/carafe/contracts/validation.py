"""From plain JSON values to contracts, with every fault named at once.

The fast path is one call of msgspec, and one build of each value of the domain, which the
message keeps for its handler. Only when one of them refuses are the fields looked at one by
one, since both stop at the first fault.
"""

from collections.abc import Collection, Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec.json import Decoder

from carafe.domain.errors import InvalidValue

from . import json_values
from .base import Contract
from .domain_values import build_values, refusals
from .json_values import NotJson, RepeatedKeys, escaped

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
        message = msgspec.convert(values, contract, strict=not from_text)
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
    kind = _bare(kind, values)
    if get_origin(kind) in {list, tuple} and isinstance(values, list):
        return [without_unknown_fields(get_args(kind)[0], item) for item in values]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(values, dict):
        return {
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
        faults = list(_faults_of_parts(_bare(kind, values), values, pointer, strict=strict))
        yield from faults or [_fault(error, pointer)]
    else:
        for refusal in refusals(part, pointer):
            yield Fault(pointer=refusal.pointer, detail=refusal.reason)


def _faults_of_parts(kind: Any, values: object, pointer: str, *, strict: bool) -> Iterator[Fault]:  # noqa: ANN401 - a type form
    if get_origin(kind) is list and isinstance(values, list):
        for position, item in enumerate(values):
            yield from _faults(get_args(kind)[0], item, f"{pointer}/{position}", strict=strict)
    elif isinstance(kind, type) and issubclass(kind, msgspec.Struct) and isinstance(values, dict):
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        for name in _unknown_fields(kind, values, fields):
            yield Fault(pointer=f"{pointer}/{escaped(name)}", detail="unknown field")
        for name, field in fields.items():
            here = f"{pointer}/{name}"
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


def _bare(kind: Any, values: object) -> Any:  # noqa: ANN401 - a type form
    """Strip what wraps the type whose parts are looked at: constraints, and `| None`."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0], values)
    if get_origin(kind) in {Union, UnionType} and values is not None:
        return _bare(next(each for each in get_args(kind) if each is not type(None)), values)
    return kind


def _fault(error: msgspec.ValidationError, pointer: str) -> Fault:
    """Say it in msgspec's words, or in the domain's where the domain refused."""
    refusal = error.__cause__
    if isinstance(refusal, InvalidValue):
        return Fault(pointer=f"{pointer}/{refusal.field}", detail=refusal.reason)
    detail, _, _ = str(error).partition(" - at ")
    return Fault(pointer=pointer, detail=detail[:1].lower() + detail[1:])
