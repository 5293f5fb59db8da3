"""The headers of other services' messages, made fit for publishing the messages again.

They may be of any size and type, and some would make the broker act with this service's own
rights: `CC` and `BCC` name further queues. https://www.rabbitmq.com/docs/sender-selected
"""

import struct
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pika.data import encode_short_string, encode_value
from pika.exceptions import AMQPError

from .amqp_values import DEEPEST, Table, text_of
from .port import without_delivery_history

DROPPED_HEADERS = "x-dropped-headers"
"""The header that counts the headers that were left out."""

LARGEST_HEADERS = 64 * 1024
"""Bytes. The broker accepts a frame of 128 KiB, which holds all properties of a message."""

LONGEST_SHORT_STRING = 255
"""Bytes, of a header's name or a text property (AMQP 0-9-1, section 4.2.5.3)."""

_RENAMED = "x-foreign-"
_ACTED_UPON = {
    "cc", "bcc",  # the broker itself
    "x-delay", "x-deduplication-header", "x-cache-ttl", "x-recent-history-no-store",  # plugins
    "x-received-from", "x-shovelled", "x-stream-filter-value",
}  # fmt: skip
_ACTED_UPON_PREFIX = "x-opt-"

_UNENCODABLE = (AMQPError, ValueError, TypeError, ArithmeticError, struct.error)
_LARGEST_INTEGER = 2**63 - 1
_LARGEST_COUNT = 2**31 - 1


def carried_headers(headers: Mapping[Any, Any], notes: Mapping[str, Any]) -> Table:
    """Return the headers with which a message of another service is published again.

    Those that a broker acts upon are renamed, and the largest are left out until the rest fits.

    Args:
        headers: of the message as it was received.
        notes: this service's own, which are always carried.
    """
    clean, dropped = _clean_headers(headers)
    sizes = {name: _encoded_size(name, value) for name, value in clean.items()}
    room = LARGEST_HEADERS - sum(_encoded_size(*note) for note in notes.items())
    size = sum(sizes.values())
    for name in sorted(sizes, key=sizes.__getitem__, reverse=True):
        if size <= room:
            break
        size -= sizes[name]
        del clean[name]
        dropped += 1
    if dropped:
        clean[DROPPED_HEADERS] = min(_count_in(headers) + dropped, _LARGEST_COUNT)
    return {**clean, **notes}


def bare_headers(headers: Mapping[Any, Any], notes: Mapping[str, Any]) -> Table:
    """Return the notes alone, with the number of headers that were left out."""
    names = without_delivery_history({short_string(name): None for name in headers})
    dropped = _count_in(headers) + len(names.keys() - {DROPPED_HEADERS, *notes})
    return {**({DROPPED_HEADERS: min(dropped, _LARGEST_COUNT)} if dropped else {}), **notes}


def short_string(value: object) -> str:
    """Return a text that fits into a property or a header's name, cut if it is too long."""
    return text_of(value).encode(errors="replace")[:LONGEST_SHORT_STRING].decode(errors="ignore")


def clean_text(text: str) -> str:
    """Return a text with a question mark for each lone surrogate, which UTF-8 cannot encode."""
    return text.encode(errors="replace").decode()


def _clean_headers(headers: Mapping[Any, Any]) -> tuple[Table, int]:
    """Return the headers that can be encoded, and the number of the others."""
    by_name = {short_string(name): value for name, value in headers.items()}
    clean: Table = {}
    for name, value in without_delivery_history(by_name).items():
        try:
            clean.setdefault(_harmless_name(name), _encodable(value))
        except _UNENCODABLE:
            continue
    dropped = len(headers) - len(by_name) + len(without_delivery_history(by_name)) - len(clean)
    return clean, dropped


def _harmless_name(name: str) -> str:
    is_acted_upon = name.lower() in _ACTED_UPON or name.lower().startswith(_ACTED_UPON_PREFIX)
    return short_string(f"{_RENAMED}{name.lower()}") if is_acted_upon else name


def _encodable(value: object, depth: int = 0) -> Any:  # noqa: ANN401 - any AMQP value
    """Return a value that pika can encode, as close to the original as possible."""
    if isinstance(value, dict | list):
        return _encodable_container(value, depth)
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, datetime | Decimal):
        return value if _encoded_size("", value) else str(value)
    if isinstance(value, int) and abs(value) > _LARGEST_INTEGER:
        return str(value)
    # pika cannot encode a float, and reads one as an integer.
    return value if isinstance(value, int | bytes | None) else clean_text(str(value))


def _encodable_container(value: dict[Any, Any] | list[Any], depth: int) -> Any:  # noqa: ANN401
    if depth == DEEPEST:
        return "(nested too deeply)"
    if isinstance(value, list):
        return [_encodable(each, depth + 1) for each in value]
    return {short_string(name): _encodable(each, depth + 1) for name, each in value.items()}


def _encoded_size(name: str, value: object) -> int:
    """Return how many bytes a header takes; 0 if it cannot be encoded."""
    pieces: list[bytes] = []
    try:
        return encode_short_string(pieces, name) + encode_value(pieces, value)
    except _UNENCODABLE:
        return 0


def _count_in(headers: Mapping[Any, Any]) -> int:
    count = headers.get(DROPPED_HEADERS)
    return count if type(count) is int and count > 0 else 0
