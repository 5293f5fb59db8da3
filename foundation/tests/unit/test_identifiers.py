"""Ids and moments made outside the domain."""

import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

from carafe.infrastructure.identifiers import command_id, new_id, now


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


def test_now_is_the_present_moment_in_whole_milliseconds() -> None:
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    moments = [now() for _ in range(2_000)]
    after = datetime.now(UTC)
    assert all(before < each <= after for each in moments)
    assert {each.microsecond % 1_000 for each in moments} == {0}
    assert {each.tzinfo for each in moments} == {UTC}
