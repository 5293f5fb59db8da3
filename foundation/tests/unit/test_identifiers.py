"""Ids and moments made outside the domain."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pytest

from carafe.contracts.base import Contract
from carafe.infrastructure.identifiers import (
    command_id,
    digest_of,
    event_command_id,
    new_id,
    now,
)


def test_a_new_id_is_a_uuid_of_version_seven() -> None:
    for _ in range(200):
        identifier = UUID(new_id())
        assert (identifier.version, identifier.variant) == (7, UUID(int=1 << 63).variant)


def test_new_ids_are_unique_and_ordered_by_their_milliseconds() -> None:
    before = time.time_ns() // 1_000_000
    ids = [new_id() for _ in range(10_000)]
    after = time.time_ns() // 1_000_000
    assert len(set(ids)) == len(ids)
    moments = [UUID(each).int >> 80 for each in ids]
    assert before <= moments[0] <= moments[-1] <= after


def test_a_command_id_is_the_same_for_the_same_caller_and_key_alone() -> None:
    assert command_id("maria", "k") == command_id("maria", "k")
    assert len({command_id("maria", "k"), command_id("john", "k"), command_id("maria", "l")}) == 3


@pytest.mark.parametrize("id_of", [command_id, event_command_id])
def test_a_line_break_makes_no_two_command_ids_equal(id_of: Callable[[str, str], str]) -> None:
    """A line break is what joins the two texts."""
    texts = [
        "",
        "x",
        "\n",
        "x\n",
        "\nx",
        "x\nx",
        "\n\n",
        '["x","x"]',
        "\\n",
        "\r\n",
        '","',
        "\u2028",
    ]
    ids = {id_of(first, second) for first in texts for second in texts}
    assert len(ids) == len(texts) ** 2


def test_command_ids_without_a_line_break_stay_what_they_were() -> None:
    """What an earlier version handled stays handled."""
    assert command_id("maria", "k") == "91780196-f050-5158-8072-50c6727aa83e"
    assert event_command_id("/payments", "1") == "fd667172-7586-572d-a08d-7ef1c6f0e029"


def test_a_name_with_a_line_break_makes_no_two_digests_equal() -> None:
    pairs = [("a", "b"), ('a\n"b"', "b"), ("a\n", "b"), ("a", "\nb"), ("a", '"b"\n'), ("", "a\nb")]
    assert len({digest_of(name, content) for name, content in pairs}) == len(pairs)


class Address(Contract, frozen=True):
    """A part of a message."""

    street: str


class LaterAddress(Contract, frozen=True):
    """The same in the next version."""

    street: str
    floor: int = 0


class Enrol(Contract, frozen=True):
    """A message."""

    name: str
    addresses: list[Address]


class LaterEnrol(Contract, frozen=True):
    """The same in the next version."""

    name: str
    addresses: list[LaterAddress]
    note: str | None = None
    tags: list[str] = msgspec.field(default_factory=list)


def test_a_digest_stays_when_a_later_version_adds_fields_that_may_be_missing() -> None:
    """A command that was handled before a deployment and comes again is still the same."""
    before = digest_of("enrol", Enrol(name="maria", addresses=[Address(street="a")]))
    later = LaterEnrol(name="maria", addresses=[LaterAddress(street="a")])
    assert digest_of("enrol", later) == before
    others = [
        msgspec.structs.replace(later, note="x"),
        msgspec.structs.replace(later, tags=["x"]),
        msgspec.structs.replace(later, addresses=[LaterAddress(street="a", floor=1)]),
        msgspec.structs.replace(later, addresses=[]),
    ]
    assert before not in {digest_of("enrol", each) for each in others}


def test_now_is_the_present_moment_in_whole_milliseconds() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    moments = [now() for _ in range(2_000)]
    after = datetime.now(UTC)
    assert all(before < each <= after for each in moments)
    assert {each.microsecond % 1_000 for each in moments} == {0}
    assert {each.tzinfo for each in moments} == {UTC}
