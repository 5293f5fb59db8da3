"""The properties of messages that other services wrote, decoded without ever failing.

pika closes a connection over a header that it cannot decode, such as a time in milliseconds, and
the message comes again with the next connection. Here, what cannot be decoded stays as bytes.
https://www.rabbitmq.com/docs/amqp-0-9-1-errata#section_3
"""

import struct
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from pika.data import decode_short_string
from pika.spec import BasicProperties

Table = dict[str, Any]

DEEPEST = 16
"""Levels of arrays and tables that are decoded; what lies deeper stays as bytes."""

_LENGTH = struct.Struct(">I")
_FLAGS = struct.Struct(">H")
_SCALE_AND_DIGITS = struct.Struct(">Bi")
_SECONDS = struct.Struct(">Q")

_NUMBERS = {
    kind: struct.Struct(form)
    for kind, form in {
        b"b": ">b", b"B": ">B", b"s": ">h", b"U": ">h", b"u": ">H", b"I": ">i", b"i": ">I",
        b"l": ">q", b"L": ">q", b"f": ">f", b"d": ">d",
    }.items()
}  # fmt: skip


class ForeignProperties(BasicProperties):
    """Properties whose decoding never fails."""

    def decode(self, encoded: bytes, offset: int = 0) -> "ForeignProperties":
        """Decode properties, as pika's own do."""
        properties, table = _without_table(encoded[offset:])
        super().decode(properties)  # type: ignore[no-untyped-call]
        self.headers = None if table is None else decode_table(table)
        return self


def text_of(value: object) -> str:
    """Return a property or a header's name as text; pika leaves one that is not UTF-8 as bytes."""
    if isinstance(value, bytes):
        return value.decode(errors="backslashreplace")
    return "" if value is None else str(value)


def decode_table(encoded: bytes, depth: int = 0) -> Table:
    """Return a field table.

    Args:
        encoded: the table without its length.
        depth: the number of arrays and tables around it.
    """
    table: Table = {}
    offset = 0
    while offset < len(encoded):
        name, offset = decode_short_string(encoded, offset)
        table[text_of(name)], offset = _decode_value(encoded, offset, depth)
    return table


def _without_table(encoded: bytes) -> tuple[bytes, bytes | None]:
    """Return encoded properties without the table of headers, and the table without its length."""
    (flags,) = _FLAGS.unpack_from(encoded)
    if not flags & BasicProperties.FLAG_HEADERS:
        return encoded, None
    start = _FLAGS.size
    for earlier in (BasicProperties.FLAG_CONTENT_TYPE, BasicProperties.FLAG_CONTENT_ENCODING):
        if flags & earlier:
            start += 1 + encoded[start]
    (length,) = _LENGTH.unpack_from(encoded, start)
    begin = start + _LENGTH.size
    others = _FLAGS.pack(flags & ~BasicProperties.FLAG_HEADERS)
    others += encoded[_FLAGS.size : start] + encoded[begin + length :]
    return others, encoded[begin : begin + length]


def _decode_value(encoded: bytes, offset: int, depth: int) -> tuple[Any, int]:
    """Return a value and the offset after it."""
    kind = encoded[offset : offset + 1]
    offset += 1
    if kind in _DECODERS_BY_LENGTH:
        begin = offset + _LENGTH.size
        end = begin + int.from_bytes(encoded[offset:begin])
        return _DECODERS_BY_LENGTH[kind](encoded[begin:end], depth), end
    if kind in _DECODERS_BY_SIZE:
        size, decoder = _DECODERS_BY_SIZE[kind]
        value = encoded[offset : offset + size]
        return (decoder(value) if len(value) == size else value), offset + size
    # The value's length is unknown, and with it where the next one begins.
    return encoded[offset:], len(encoded)


def _decode_text(value: bytes, _depth: int) -> str | bytes:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def _decode_array(encoded: bytes, depth: int) -> list[Any] | bytes:
    if depth == DEEPEST:
        return encoded
    values = []
    offset = 0
    while offset < len(encoded):
        value, offset = _decode_value(encoded, offset, depth + 1)
        values.append(value)
    return values


def _decode_nested_table(encoded: bytes, depth: int) -> Table | bytes:
    return encoded if depth == DEEPEST else decode_table(encoded, depth + 1)


def _decode_decimal(value: bytes) -> Decimal:
    scale, digits = _SCALE_AND_DIGITS.unpack(value)
    return Decimal(digits).scaleb(-scale)


def _decode_time(value: bytes) -> datetime | int:
    """Return a time, or its number of seconds if that is after the year 9999."""
    (seconds,) = _SECONDS.unpack(value)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return int(seconds)


def _number_decoder(form: struct.Struct) -> Callable[[bytes], Any]:
    return lambda value: form.unpack(value)[0]


_DECODERS_BY_LENGTH: dict[bytes, Callable[[bytes, int], Any]] = {
    b"S": _decode_text,
    b"x": lambda value, _depth: value,
    b"A": _decode_array,
    b"F": _decode_nested_table,
}
_DECODERS_BY_SIZE: dict[bytes, tuple[int, Callable[[bytes], Any]]] = {
    b"V": (0, lambda _value: None),
    b"t": (1, lambda value: value != b"\0"),
    b"D": (_SCALE_AND_DIGITS.size, _decode_decimal),
    b"T": (_SECONDS.size, _decode_time),
    **{kind: (form.size, _number_decoder(form)) for kind, form in _NUMBERS.items()},
}
