"""Properties of messages as other clients write them, and pika would not."""

import struct
from typing import Any

import pika
from pika.spec import BasicProperties

MILLISECONDS = 1_790_000_000_123
"""A time of 2026 in milliseconds; as seconds, it lies far after the year 9999."""


class RawProperties(pika.BasicProperties):
    """Properties with a table of headers, or texts, that are already encoded.

    Args:
        table: the headers, without the length of the table.
        properties: the others; their texts may be bytes of any kind.
    """

    def __init__(self, table: bytes, **properties: Any) -> None:  # noqa: ANN401 - AMQP's
        super().__init__(**properties)  # type: ignore[no-untyped-call]
        self._table = table

    def encode(self) -> list[bytes]:
        """Return the encoded properties, as pika asks for them."""
        self.headers = {}
        encoded: bytes = b"".join(super().encode())  # type: ignore[no-untyped-call]
        (flags,) = struct.unpack_from(">H", encoded)
        start = 2
        for earlier in (BasicProperties.FLAG_CONTENT_TYPE, BasicProperties.FLAG_CONTENT_ENCODING):
            if flags & earlier:
                start += 1 + encoded[start]
        table = struct.pack(">I", len(self._table)) + self._table
        return [encoded[:start] + table + encoded[start + 4 :]]


def header(name: str | bytes, kind: bytes, value: bytes) -> bytes:
    """Return an encoded header."""
    octets = name.encode() if isinstance(name, str) else name
    return bytes([len(octets)]) + octets + kind + value


def sized(value: bytes) -> bytes:
    """Return a value with its length before it, as texts, bytes, arrays and tables have it."""
    return struct.pack(">I", len(value)) + value


def nested(levels: int) -> bytes:
    """Return arrays in arrays."""
    value = b""
    for _ in range(levels):
        value = b"A" + sized(value)
    return value


FOREIGN: dict[str, pika.BasicProperties] = {
    "a time in ms": RawProperties(b"", timestamp=MILLISECONDS),
    "the latest time": RawProperties(b"", timestamp=2**64 - 1),
    "a header with a time in ms": RawProperties(
        header("t", b"T", struct.pack(">Q", MILLISECONDS))
    ),
    "a header with a time": RawProperties(header("t", b"T", struct.pack(">Q", 1_790_000_000))),
    "a float": RawProperties(header("f", b"f", struct.pack(">f", 1.5))),
    "a double": RawProperties(header("d", b"d", struct.pack(">d", 1e300))),
    "a decimal of a huge scale": RawProperties(header("D", b"D", struct.pack(">Bi", 255, -7))),
    "nothing": RawProperties(header("V", b"V", b"")),
    "small numbers": RawProperties(
        header("b", b"b", b"\xff") + header("B", b"B", b"\xff") + header("s", b"s", b"\xff\xfe")
    ),
    "unsigned numbers": RawProperties(
        header("u", b"u", b"\xff\xfe") + header("i", b"i", b"\xff" * 4)
    ),
    "a long number": RawProperties(header("l", b"l", b"\x80" + b"\0" * 7)),
    "bytes": RawProperties(header("x", b"x", sized(bytes(range(256))))),
    "a text that is not UTF-8": RawProperties(header("S", b"S", sized(b"\xff\xfe"))),
    "a name that is not UTF-8": RawProperties(header(b"\xff\xfe", b"t", b"\1")),
    "an empty name": RawProperties(header(b"", b"t", b"\1")),
    "a table": RawProperties(
        header("F", b"F", sized(header("in", b"A", sized(b"t\1T" + struct.pack(">Q", 2**63)))))
    ),
    "deep arrays": RawProperties(header("deep", b"A", sized(nested(2_000)))),
    "properties that are not UTF-8": RawProperties(
        b"", **dict.fromkeys(("correlation_id", "type", "content_type", "message_id"), b"\xff")
    ),
    "names with control characters": RawProperties(
        header("a\x1b[2Jb", b"S", sized(b"\x1b[2J\r\n")), type="t\x1b[2J"
    ),
    "routing headers": RawProperties(
        header("CC", b"A", sized(b"S" + sized(b"nobody.waits.here")))
        + header("x-delay", b"I", struct.pack(">i", 60_000))
    ),
}  # fmt: skip
"""Properties that stopped somebody, or might; the broker accepts them all."""
