"""A key that stands twice in an object of JSON has no certain value: the message is refused."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carafe.contracts.base import Contract
from carafe.contracts.envelope import QueuedCommand, ReceivedEvent
from carafe.contracts.json_values import NotJson
from carafe.contracts.validation import MalformedMessage, decode_json, read_json
from carafe.infrastructure.outbox.nudges import read_nudge


def faults(body: bytes | str) -> list[tuple[str, str]]:
    with pytest.raises(MalformedMessage) as refusal:
        decode_json(body)
    return [(each.pointer, each.detail) for each in refusal.value.faults]


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (b'{"a":1,"a":2}', ["/a"]),
        (b'{"a":1,"a":1}', ["/a"]),
        ('{"a":1,"a":2}', ["/a"]),
        (b'{"a": 1, "\\u0061": 2}', ["/a"]),
        (b'{"a":1,"a":2,"a":3}', ["/a"]),
        (b'{"a":{"b":[0,{"c":1,"c":2}]},"d":1,"d":2}', ["/a/b/1/c", "/d"]),
        (b'{"a/b~":1,"a/b~":2}', ["/a~1b~0"]),
        (b'{"":1,"":2}', ["/"]),
        (b'[{"a":1},{"a":1,"a":2}]', ["/1/a"]),
        (b'{"a":{"b":1,"b":2},"a":{}}', ["/a", "/a/b"]),
        ('{"ü":1,"ü":2}'.encode(), ["/ü"]),
    ],
)
def test_a_repeated_key_is_named_by_its_pointer(body: bytes | str, pointers: list[str]) -> None:
    assert faults(body) == [(each, "stands more than once") for each in pointers]


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":{"a":1},"b":[{"a":1},{"a":2}]}',
        b' { "a" : "\\u00fc\\/\\n" , "b" : 1e3 , "c":2.0, "d":-0.0 }',
        b'{"a":1,"A":2," a":3}',
        b'{"a":"\\"a\\":1,\\"a\\":2"}',
        b'{"a":123456789012345678901234567890}',
        b"[]",
        b'"a"',
        b"null",
    ],
)
def test_what_has_no_repeated_key_is_decoded(body: bytes) -> None:
    assert decode_json(body) == msgspec.json.decode(body)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
)


@given(JSON, st.booleans(), st.sampled_from([None, 1]))
def test_json_as_python_writes_it_is_decoded(
    value: object, is_ascii: bool, indent: int | None
) -> None:
    try:
        body = json.dumps(value, ensure_ascii=is_ascii, indent=indent).encode()
    except UnicodeEncodeError:
        return
    try:
        expected = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return
    assert decode_json(body) == expected


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, "\ud800", b'{"a":1,"a"}'])
def test_what_is_no_json_names_no_fault(body: bytes | str) -> None:
    with pytest.raises(NotJson):
        decode_json(body)
    with pytest.raises(MalformedMessage) as refusal:
        read_json(ReceivedEvent, body)
    assert refusal.value.faults == []


EVENT = b'{"specversion":"1.0","id":"1","source":"/s","type":"t","data":{"a":"b","a":"c"}}'
COMMAND = b'{"id":"1","command":"c","subject":"s","subject":"t","data":{}}'


@pytest.mark.parametrize(
    ("contract", "body", "pointer"),
    [(ReceivedEvent, EVENT, "/data/a"), (QueuedCommand, COMMAND, "/subject")],
)
def test_no_message_may_repeat_a_key(contract: type, body: bytes, pointer: str) -> None:
    with pytest.raises(MalformedMessage, match=f"^{pointer}: stands more than once$"):
        read_json(contract, body)


def test_no_nudge_may_repeat_a_key() -> None:
    with pytest.raises(MalformedMessage):
        read_nudge('{"collection":"orders","id":"a","id":"b"}')


class Circle(Contract, frozen=True, tag="circle"):
    """A contract with a tag."""

    radius: int


def test_a_tag_is_no_unknown_field() -> None:
    with pytest.raises(MalformedMessage, match=r"^/radius: expected `int`, got `str`$"):
        read_json(Circle, b'{"type":"circle","radius":"1"}')
