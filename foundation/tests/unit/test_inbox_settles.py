"""What the inbox does with each delivery, and in which words: on a bus that notes everything."""

import json
import re

import pytest

from carafe.contracts.envelope import CommandContext
from carafe.domain.errors import InvalidValue, NotFound
from carafe.infrastructure.cqrs import inbox as inbox_module
from carafe.infrastructure.cqrs.delivery import ATTEMPTS
from carafe.infrastructure.cqrs.failures import LONGEST_DETAIL, NO_ATTEMPT_SECONDS
from carafe.infrastructure.cqrs.inbox import SENDING_SECONDS, Settled
from carafe.infrastructure.cqrs.invocation import Invocation
from carafe.infrastructure.errors import BusUnavailable, DocumentTooNew, StoreUnavailable
from carafe.infrastructure.identifiers import digest_of, event_command_id, now
from tests.support.noted_inbox import (
    TOLD,
    NotingBus,
    a_command,
    a_delivery,
    an_event,
    an_inbox,
    failing,
)
from tests.support.stopped_time import PRESENT, SOON, stop_time

TRACE = f"00-{'a' * 32}-{'b' * 16}-01"


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_time(inbox_module, monkeypatch)


def test_what_is_handled_is_the_message_in_its_context() -> None:
    heard: list[Invocation] = []
    bus = NotingBus()
    event = an_event(correlationid="conversation", traceparent=TRACE)
    settled = an_inbox(bus, heard.append).settle([a_delivery(event)], SOON)
    assert (settled, bus.calls) == (Settled(handled=1), [])
    message, context = heard[0].contents
    assert message == TOLD.overdue(reader="maria")
    assert isinstance(context, CommandContext)
    assert context.command_id == event_command_id("/lending", "e-1")
    assert context.digest == digest_of("lending.loan.overdue.v1", {"reader": "maria"})
    assert (context.caller.subject, context.caller.scopes) == ("/lending", frozenset())
    assert (context.correlation_id, context.causation_id) == ("conversation", "e-1")
    assert context.traceparent == TRACE


def test_without_a_correlation_a_new_one_begins() -> None:
    heard: list[Invocation] = []
    an_inbox(NotingBus(), heard.append).settle([a_delivery(an_event())], SOON)
    _, context = heard[0].contents
    assert isinstance(context, CommandContext)
    assert len(context.correlation_id) == 36
    assert context.traceparent is None


@pytest.mark.parametrize(("failures", "delay"), [(0, 5), (1, 60), (2, 600)])
def test_a_failure_is_held_back_for_longer_each_time(failures: int, delay: int) -> None:
    bus = NotingBus()
    headers = {ATTEMPTS: failures} if failures else {}
    delivery = a_delivery(an_event(), mark="kept", **headers)
    settled = an_inbox(bus, failing(LookupError("x"))).settle([delivery], SOON)
    assert settled == Settled(retried=1)
    (message,) = bus.aside
    assert (message.id, message.type, message.content_type) == ("m-e-1", "a type", "text/x")
    assert (message.routing_key, message.body) == (f"post.inbox.retry.{delay}s", delivery.body)
    assert message.headers == {"mark": "kept", ATTEMPTS: failures + 1}
    assert bus.deadlines == {SOON}


@pytest.mark.parametrize("error", [StoreUnavailable("away"), DocumentTooNew("newer")])
def test_what_nobody_is_to_blame_for_counts_no_attempt(error: Exception) -> None:
    bus = NotingBus()
    deliveries = [a_delivery(an_event(), **{ATTEMPTS: 9}), a_delivery(an_event(2))]
    settled = an_inbox(bus, failing(error)).settle(deliveries, SOON)
    assert settled == Settled(retried=2)
    assert [each.routing_key for each in bus.aside] == [
        f"post.inbox.retry.{NO_ATTEMPT_SECONDS}s"
    ] * 2
    assert [each.headers for each in bus.aside] == [{ATTEMPTS: 9}, {}]


def test_everything_is_counted_and_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    bus = NotingBus()
    events = [a_delivery(an_event(number)) for number in range(3)]
    assert an_inbox(bus, lambda _: None).settle(events, SOON) == Settled(handled=3)
    assert an_inbox(bus, lambda _: None).settle(events, PRESENT) == Settled(postponed=3)
    assert an_inbox(bus, failing(LookupError())).settle(events, SOON) == Settled(retried=3)
    poison = [a_delivery(an_event(number, data={})) for number in range(3)]
    assert an_inbox(bus, failing(LookupError())).settle(poison, SOON) == Settled(parked=3)
    told = [vars(each) for each in caplog.records]
    assert [each["event_id"] for each in told] == ["m-e-0", "m-e-1", "m-e-2"] * 2
    assert {each["event_type"] for each in told} == {"a type"}


def test_while_the_store_is_away_nothing_more_is_begun() -> None:
    begun: list[Invocation] = []

    def handle(invocation: Invocation) -> None:
        begun.append(invocation)
        raise StoreUnavailable("away")

    settled = an_inbox(NotingBus(), handle).settle([a_delivery(an_event())] * 3, SOON)
    assert (settled, len(begun)) == (Settled(retried=3), 1)


def test_after_another_failure_the_next_one_is_begun() -> None:
    begun: list[Invocation] = []

    def handle(invocation: Invocation) -> None:
        begun.append(invocation)
        raise LookupError

    settled = an_inbox(NotingBus(), handle).settle([a_delivery(an_event())] * 3, SOON)
    assert (settled, len(begun)) == (Settled(retried=3), 3)


@pytest.mark.parametrize(
    ("content", "error", "code", "detail"),
    [
        (b"{", None, "malformed", ""),
        (
            an_event(type="lending.loan.overdue.v9"),
            None,
            "unknown_type",
            r"No handler for this type and version\.",
        ),
        (an_event(data={}), None, "malformed", "/reader: required, but missing"),
        (an_event(), InvalidValue("text", "is empty"), "invalid_value", ".*is empty.*"),
    ],
)
def test_what_can_never_succeed_is_parked_at_once_with_its_reason(
    content: object, error: Exception | None, code: str, detail: str
) -> None:
    bus = NotingBus()
    handle = failing(error) if error else failing(AssertionError("not to be handled"))
    began = now()
    delivery = a_delivery(content, mark="kept")
    assert an_inbox(bus, handle).settle([delivery], SOON) == Settled(parked=1)
    (message,) = bus.aside
    assert (message.routing_key, message.body) == ("post.inbox.parked", delivery.body)
    assert message.headers.keys() == {
        "mark",
        "x-parked-reason",
        "x-parked-detail",
        "x-parked-at",
    }
    assert message.headers["x-parked-reason"] == code
    assert re.fullmatch(detail, message.headers["x-parked-detail"])
    at = message.headers["x-parked-at"]
    assert (
        began.isoformat(timespec="milliseconds") <= at <= now().isoformat(timespec="milliseconds")
    )


def test_after_three_failures_an_event_is_parked_and_tells_nothing_of_its_body() -> None:
    bus = NotingBus()
    delivery = a_delivery(an_event(), **{ATTEMPTS: 3})
    settled = an_inbox(bus, failing(LookupError("quotes the body"))).settle([delivery], SOON)
    assert settled == Settled(parked=1)
    (message,) = bus.aside
    assert message.headers["x-parked-reason"] == "LookupError"
    assert message.headers["x-parked-detail"] == ""
    assert message.headers[ATTEMPTS] == 3


def test_a_detail_is_cut_and_cleaned() -> None:
    bus = NotingBus()
    error = InvalidValue("text", "a\x00b\uffffc" + "x" * LONGEST_DETAIL)
    an_inbox(bus, failing(error)).settle([a_delivery(an_event())], SOON)
    detail = bus.aside[0].headers["x-parked-detail"]
    assert len(detail) == LONGEST_DETAIL
    assert "a\ufffdb\ufffdcx" in detail


def test_what_there_is_no_time_for_goes_back_as_it_is() -> None:
    bus, heard = NotingBus(), list[Invocation]()
    deliveries = [a_delivery(an_event(), mark="kept", **{ATTEMPTS: 2})]
    inbox = an_inbox(bus, heard.append)
    assert inbox.settle(deliveries, PRESENT + SENDING_SECONDS) == Settled(handled=1)
    just_too_late = PRESENT + SENDING_SECONDS - 0.001
    assert inbox.settle(deliveries, just_too_late) == Settled(postponed=1)
    (message,) = bus.aside
    assert (message.routing_key, message.headers) == ("post.inbox", {"mark": "kept", ATTEMPTS: 2})
    assert len(heard) == 1


def test_what_is_ignored_is_handled_by_nobody() -> None:
    bus = NotingBus()
    inbox = an_inbox(bus, failing(AssertionError()), ignored=frozenset({"lending.loan.overdue.v1"}))
    assert inbox.settle([a_delivery(an_event())], SOON) == Settled(handled=1)
    assert bus.calls == []


@pytest.mark.parametrize("wire_type", ["post.letter.send.v1", "post.letter.send.v9"])
def test_the_sender_of_a_parked_command_is_told_before_it_is_parked(wire_type: str) -> None:
    bus = NotingBus()
    command = a_command(type=wire_type, correlationid="conversation")
    error = InvalidValue("text", "is empty")
    assert an_inbox(bus, failing(error)).settle([a_delivery(command)], SOON) == Settled(parked=1)
    (refusal,), (parked,) = bus.calls
    assert (refusal.type, refusal.routing_key) == (
        "post.command.refused.v1",
        "post.command.refused",
    )
    told = json.loads(refusal.body)
    known = wire_type.endswith("1")
    assert told["data"] == {
        "command_id": "e-1",
        "code": "invalid_value" if known else "unknown_type",
    }
    assert (told["source"], told["correlationid"]) == ("/post", "conversation")
    assert parked.routing_key == "post.inbox.parked"
    assert bus.deadlines == {SOON}


@pytest.mark.parametrize("content", [an_event(data={}), a_command(), b"{"])
def test_nobody_else_is_told(content: object) -> None:
    """An event that is parked, a command that is held back, and what nobody can read."""
    bus = NotingBus()
    an_inbox(bus, failing(NotFound("desk", "d-1"))).settle([a_delivery(content)], SOON)
    assert [each.routing_key.startswith("post.inbox") for each in bus.aside] == [True]


def test_a_refusal_that_is_not_confirmed_fails_the_batch() -> None:
    bus = NotingBus(lambda each: each.type.startswith("post.command.refused"))
    with pytest.raises(BusUnavailable, match="refusal of a command was not confirmed"):
        an_inbox(bus, failing(InvalidValue("a", "b"))).settle([a_delivery(a_command())], SOON)
    assert len(bus.calls) == 1


@pytest.mark.parametrize("attempts", [0, -1, True, "3", 2.5, None])
def test_an_odd_count_of_attempts_counts_as_none(attempts: object) -> None:
    assert a_delivery(b"", **{ATTEMPTS: attempts}).failures == 0
    assert a_delivery(b"", **{ATTEMPTS: 1}).failures == 1
