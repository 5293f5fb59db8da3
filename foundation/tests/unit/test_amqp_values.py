"""Properties of foreign messages are decoded without ever failing (F52)."""

import os
import random
import struct
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pika
import pytest

from carafe.infrastructure.event_bus.amqp_values import (
    DEEPEST,
    ForeignProperties,
    decode_table,
    text_of,
)
from carafe.infrastructure.event_bus.foreign_headers import carried_headers
from tests.support.foreign_messages import FOREIGN, MILLISECONDS, header, nested, sized


def decoded(properties: pika.BasicProperties) -> ForeignProperties:
    encoded = b"".join(properties.encode())  # type: ignore[no-untyped-call]
    return ForeignProperties().decode(encoded)  # type: ignore[no-untyped-call]


def test_ordinary_properties_are_decoded_as_by_pika() -> None:
    headers = {
        "text": "ü",
        "bytes": b"\xff",
        "flag": True,
        "small": 7,
        "large": 2**40,
        "decimal": Decimal("1.5"),
        "time": datetime(2026, 1, 1, tzinfo=UTC),
        "nothing": None,
        "table": {"array": [1, "a", {}]},
    }
    properties = pika.BasicProperties(  # type: ignore[no-untyped-call]
        content_type="a", content_encoding="b", headers=headers, message_id="m", timestamp=5
    )
    assert vars(decoded(properties)) == vars(properties)
    without = pika.BasicProperties(content_type="a", delivery_mode=2)  # type: ignore[no-untyped-call]
    assert vars(decoded(without)) == vars(without)


VALUES: list[tuple[bytes, bytes, Any]] = [
    (b"T", struct.pack(">Q", MILLISECONDS), MILLISECONDS),
    (b"T", struct.pack(">Q", 2**64 - 1), 2**64 - 1),
    (b"f", struct.pack(">f", 1.5), 1.5),
    (b"d", struct.pack(">d", float("inf")), float("inf")),
    (b"D", struct.pack(">Bi", 255, -7), Decimal("-7E-255")),
    (b"b", b"\xff", -1),
    (b"B", b"\xff", 255),
    (b"s", b"\xff\xff", -1),
    (b"u", b"\xff\xff", 65_535),
    (b"i", b"\xff" * 4, 2**32 - 1),
    (b"l", b"\xff" * 8, -1),
    (b"S", sized(b"\xff"), b"\xff"),
    (b"V", b"", None),
    # Of a type that nobody knows, all the rest is one value.
    (b"?", b"rest", b"rest"),
]


@pytest.mark.parametrize(("kind", "encoded", "value"), VALUES)
def test_a_value_is_decoded_or_stays_as_it_is(kind: bytes, encoded: bytes, value: object) -> None:
    assert decode_table(header("h", kind, encoded)) == {"h": value}


def test_what_lies_too_deep_stays_as_bytes() -> None:
    value = decode_table(header("h", b"A", sized(nested(20_000))))["h"]
    for _ in range(DEEPEST):
        (value,) = value
    assert isinstance(value, bytes)


def test_nothing_makes_decoding_fail() -> None:
    source = random.Random(1)  # noqa: S311 - for tests
    for _ in range(20_000):
        table = source.randbytes(source.randrange(60))
        assert isinstance(decode_table(table), dict)
    assert isinstance(decode_table(os.urandom(100_000)), dict)


@pytest.mark.parametrize("case", FOREIGN)
def test_what_was_decoded_can_be_encoded_again(case: str) -> None:
    headers = decoded(FOREIGN[case]).headers or {}
    again = pika.BasicProperties(headers=carried_headers(headers, {}))  # type: ignore[no-untyped-call]
    assert len(decoded(again).headers) == len(headers)


def test_a_text_that_is_not_utf8_can_be_shown() -> None:
    assert [text_of(each) for each in ("a", b"\xff", None)] == ["a", "\\xff", ""]
