"""Nudges of timers, through a real SQS: delayed, in batches, and never in the way of a command."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import execute, functions
from carafe.development.event_sources import QueueTrigger
from carafe.development.pump import QueuePump
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.queued_commands import QueuedCommands, QueuedMessage
from carafe.infrastructure.errors import StoreUnavailable
from carafe.infrastructure.timers.nudges import (
    Delayed,
    TimerNudge,
    TimerNudges,
    delay_until,
    timer_nudge_in,
)
from carafe.testing.contexts import a_context
from carafe.testing.processes import wait_until
from carafe.testing.sqs import Sqs
from chalicelib.domain.order import Order, OrderStatus
from tests.support.alarms import in_seconds
from tests.support.orders import an_order

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class SendingSqs:
    """The local SQS, and a note of what is sent to it.

    Args:
        sqs: gets it.

    Attributes:
        sent: what was sent.
        refused: the ids of entries that it refuses in each batch.
        fails_at: the number of the call that fails as a whole.
    """

    def __init__(self, sqs: Sqs) -> None:
        self._client = sqs.client
        self.sent: list[dict[str, Any]] = []
        self.refused: set[str] = set()
        self.fails_at: int | None = None

    def send_message(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
        if self.fails_at == 0:
            raise ConnectionError
        self.sent.append(arguments)
        answer: Mapping[str, Any] = self._client.send_message(**arguments)
        return answer

    def send_message_batch(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
        if len(self.sent) == self.fails_at:
            raise ConnectionError
        self.sent.append(arguments)
        entries = [each for each in arguments["Entries"] if each["Id"] not in self.refused]
        answer: Mapping[str, Any] = self._client.send_message_batch(
            **(arguments | {"Entries": entries})
        )
        return answer


@pytest.fixture
def client(sqs: Sqs) -> SendingSqs:
    return SendingSqs(sqs)


@pytest.fixture
def timer_nudges(client: SendingSqs, sqs: Sqs, command_queue: QueueTrigger) -> TimerNudges:
    return TimerNudges(client, sqs.url(command_queue.queue))


def delayed(number: int, seconds: int = 0) -> Delayed:
    return Delayed("alarms", (f"a-{number}",), NOON + timedelta(seconds=number), seconds)


def test_a_nudge_arrives_as_what_execute_reads(
    timer_nudges: TimerNudges, sqs: Sqs, command_queue: QueueTrigger
) -> None:
    timer_nudges("alarms", "a-1", NOON, 0)
    (body,) = sqs.waiting(command_queue.queue)
    assert timer_nudge_in(json.dumps(body)) == TimerNudge(["a-1"], "alarms", NOON)


def test_a_nudge_is_delayed_by_sqs(
    timer_nudges: TimerNudges, client: SendingSqs, sqs: Sqs, command_queue: QueueTrigger
) -> None:
    timer_nudges("alarms", "a-1", NOON, 900)
    assert timer_nudges.send([delayed(1, 900), delayed(2, 0)]) == [delayed(1, 900), delayed(2, 0)]
    assert [each["timers_of"] for each in sqs.waiting(command_queue.queue)] == [["a-2"]]
    assert sqs.count(command_queue.queue) == 3
    assert [each["DelaySeconds"] for each in client.sent[1]["Entries"]] == [900, 0]


@pytest.mark.parametrize(
    ("milliseconds", "seconds"),
    [
        (-3_600_000, 0),
        (0, 0),
        (1, 1),
        (1_000, 1),
        (1_001, 2),
        (900_000, 900),
        (900_001, 900),
        (10**9, 900),
    ],
)
def test_a_delay_is_never_too_short_and_within_what_sqs_can(
    milliseconds: int, seconds: int
) -> None:
    assert delay_until(NOON + timedelta(milliseconds=milliseconds), NOON) == seconds


def test_a_nudge_that_cannot_be_sent_is_logged_and_no_error(
    timer_nudges: TimerNudges, client: SendingSqs, caplog: pytest.LogCaptureFixture
) -> None:
    client.fails_at = 0
    with caplog.at_level(logging.WARNING):
        timer_nudges("alarms", "a-1", NOON, 0)
    assert [each.message for each in caplog.records] == [
        "timer not nudged, the sweep will: ConnectionError"
    ]


def test_many_go_in_batches_of_ten(
    timer_nudges: TimerNudges, client: SendingSqs, sqs: Sqs, command_queue: QueueTrigger
) -> None:
    nudges = [delayed(number) for number in range(23)]
    assert timer_nudges.send(nudges) == nudges
    assert [len(each["Entries"]) for each in client.sent] == [10, 10, 3]
    assert sqs.count(command_queue.queue) == 23
    assert timer_nudges.send([]) == []


def test_of_a_batch_that_is_refused_in_part_the_others_are_accepted(
    timer_nudges: TimerNudges, client: SendingSqs
) -> None:
    client.refused = {"3", "7"}
    nudges = [delayed(number) for number in range(15)]
    accepted = timer_nudges.send(nudges)
    assert accepted == [each for number, each in enumerate(nudges) if number % 10 not in {3, 7}]


def test_after_a_batch_that_fails_none_is_tried(
    timer_nudges: TimerNudges, client: SendingSqs, caplog: pytest.LogCaptureFixture
) -> None:
    client.fails_at = 1
    nudges = [delayed(number) for number in range(30)]
    with caplog.at_level(logging.WARNING):
        assert timer_nudges.send(nudges) == nudges[:10]
    assert [each.message for each in caplog.records] == [
        "timers not nudged, the next sweep will: ConnectionError"
    ]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        '{"collection":"alarms","id":"a-1"}',
        '{"timers_of":"a-1","collection":"alarms"}',
        '{"timers_of":["a-1"]}',
        '{"timers_of":["a-1"],"collection":"alarms","due":"2026-03-01T12:00:00"}',
        '{"id":"c","command":"x","subject":"s","data":{"timers_of":["a-1"]}}',
    ],
)
def test_what_is_no_nudge_is_taken_for_a_command(body: str) -> None:
    assert timer_nudge_in(body) is None


@pytest.mark.parametrize("more", ["", ',"newer":1'])
def test_a_nudge_without_a_time_calls_what_is_due(more: str) -> None:
    body = f'{{"timers_of":["a-1","a-2"],"collection":"alarms"{more}}}'
    assert timer_nudge_in(body) == TimerNudge(["a-1", "a-2"], "alarms", None)


# Through the queue


def test_a_timer_calls_by_the_nudge_of_its_commit(
    service: Container[Any], sqs: Sqs, command_queue: QueueTrigger
) -> None:
    """No sweep is needed for it."""
    order = an_order()
    order.expect_payment(timedelta(seconds=1), at=service.clock())
    service.repository(Order).add(order, a_context())
    due = order.timers[0].due
    assert sqs.waiting(command_queue.queue) == [], "it is delayed"
    pump = QueuePump(sqs.client, sqs.url(command_queue.queue), command_queue, execute)
    wait_until(lambda: pump.step() > 0)
    assert service.clock() >= due
    assert service.repository(Order).get(order.id).status is OrderStatus.CANCELLED
    assert sqs.count(command_queue.queue) == 0


# In the queue of commands


def a_message(body: str) -> QueuedMessage:
    return QueuedMessage(id="m-1", receipt="r", queue="q", body=body)


class PuttingAside:
    """Notes what becomes of messages."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def postpone(self, _message: QueuedMessage, seconds: int) -> None:
        self.notes.append(f"postponed for {seconds} s")

    def hold_back(self, _message: QueuedMessage, seconds: int) -> None:
        self.notes.append(f"held back for {seconds} s")

    def park(self, _message: QueuedMessage, reason: str, detail: str) -> None:
        self.notes.append(f"parked: {reason}{detail}")


@pytest.mark.parametrize(
    ("error", "is_settled", "note"),
    [
        (StoreUnavailable("away"), False, "postponed for 60 s"),
        (KeyError("unforeseen"), True, "held back for 5 s"),
    ],
)
def test_a_nudge_that_fails_as_a_whole_comes_again_and_the_others_of_its_batch_go_on(
    service: Container[Any], error: Exception, *, is_settled: bool, note: str
) -> None:
    del service
    called = []

    def call(nudge: TimerNudge, _deadline: float) -> bool:
        if nudge.timers_of == ["bad"]:
            raise error
        called.append(nudge.timers_of)
        return True

    queue = PuttingAside()
    commands = QueuedCommands(functions.mediator, queue, call, "ordering")
    messages = [
        QueuedMessage(id=each, receipt="r", queue="q", body=_body(each)) for each in ("bad", "good")
    ]
    failed = commands.settle(messages, in_seconds(30))
    assert failed == ([] if is_settled else ["bad"])
    assert (called, queue.notes) == ([["good"]], [note])


def test_a_nudge_for_which_there_was_no_time_comes_again(service: Container[Any]) -> None:
    del service
    commands = QueuedCommands(functions.mediator, PuttingAside(), lambda *_: False, "ordering")
    assert commands.settle([a_message(_body("a"))], in_seconds(30)) == ["m-1"]


def _body(identifier: str) -> str:
    return json.dumps({"timers_of": [identifier], "collection": "x"})
