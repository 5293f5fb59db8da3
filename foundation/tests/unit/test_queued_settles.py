"""What becomes of each queued message: on a queue that notes what is asked of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from carafe.contracts.envelope import CommandContext
from carafe.domain.errors import InvalidValue
from carafe.infrastructure.cqrs import queued_commands as module
from carafe.infrastructure.cqrs.failures import NO_ATTEMPT_SECONDS
from carafe.infrastructure.cqrs.mediator import Mediator
from carafe.infrastructure.cqrs.queued_commands import (
    SHORTEST_COMMAND_SECONDS,
    QueuedCommands,
    QueuedMessage,
)
from carafe.infrastructure.errors import StoreUnavailable
from carafe.infrastructure.identifiers import command_id, digest_of
from carafe.infrastructure.timers.nudges import TimerNudge
from tests.support.library import CallLoanBack
from tests.support.stopped_time import PRESENT, SOON, stop_time

TRACE = f"00-{'a' * 32}-{'b' * 16}-01"

Heard = list[tuple[CallLoanBack, CommandContext]]


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_time(module, monkeypatch)


class NotingQueue:
    """A queue that notes what is put aside, or is away.

    Attributes:
        notes: the calls.
    """

    def __init__(self, *, is_away: bool = False) -> None:
        self.notes: list[tuple[Any, ...]] = []
        self._is_away = is_away

    def postpone(self, message: QueuedMessage, seconds: int) -> None:
        self._note("postpone", message.id, seconds)

    def hold_back(self, message: QueuedMessage, seconds: int) -> None:
        self._note("hold back", message.id, seconds)

    def park(self, message: QueuedMessage, reason: str, detail: str) -> None:
        self._note("park", message.id, reason, detail)

    def _note(self, *what: object) -> None:
        self.notes.append(what)
        if self._is_away:
            raise OSError


def a_body(**changes: Any) -> str:  # noqa: ANN401 - any JSON
    body = {
        "id": "c-1",
        "command": "lending.call_loan_back",
        "subject": "/post",
        "scopes": ["loans:write"],
        "data": {"loan_id": "l-1"},
    }
    return json.dumps({**body, **changes})


def a_message(body: str, failures: int = 0, name: str = "m-1") -> QueuedMessage:
    return QueuedMessage(name, "receipt", "queue", body, failures)


def commands(
    queue: NotingQueue,
    handle: Callable[[Any, Any], Any],
    call: Callable[[TimerNudge, float], bool] = lambda *_: True,
) -> QueuedCommands:
    return QueuedCommands(Mediator(lambda: {CallLoanBack: handle}, []), queue, call, "lending")


def failing(error: Exception) -> Callable[..., Any]:
    def handle(*_: object) -> None:
        raise error

    return handle


def handled(*bodies: str) -> Heard:
    heard: Heard = []
    queue = NotingQueue()
    settled = commands(queue, lambda *each: heard.append(each)).settle(
        [a_message(each) for each in bodies], SOON
    )
    assert (settled, queue.notes) == ([], [])
    return heard


def test_what_is_handled_is_the_command_in_its_context() -> None:
    ((command, context),) = handled(a_body(correlation_id="conversation", traceparent=TRACE))
    assert command == CallLoanBack(loan_id="l-1")
    assert context.command_id == command_id("/post", "c-1")
    assert context.digest == digest_of("lending.call_loan_back", command)
    assert (context.caller.subject, context.caller.scopes) == ("/post", frozenset({"loans:write"}))
    assert (context.correlation_id, context.traceparent) == ("conversation", TRACE)


def test_without_a_correlation_a_new_one_begins() -> None:
    ((_, context),) = handled(a_body())
    assert len(context.correlation_id) == 36


@pytest.mark.parametrize(
    ("subject", "scopes", "expected"),
    [
        ("/lending", None, {"loans:write"}),
        ("/post", None, set()),
        ("/lending", [], set()),
        ("/lending", ["a", "b"], {"a", "b"}),
    ],
)
def test_a_command_may_do_what_its_sender_names(
    subject: str, scopes: list[str] | None, expected: set[str]
) -> None:
    ((_, context),) = handled(a_body(subject=subject, scopes=scopes))
    assert context.caller.scopes == expected


@pytest.mark.parametrize(("failures", "delay"), [(0, 5), (1, 60), (2, 600)])
def test_a_failure_is_held_back_for_longer_each_time(failures: int, delay: int) -> None:
    queue = NotingQueue()
    settled = commands(queue, failing(LookupError())).settle([a_message(a_body(), failures)], SOON)
    assert (settled, queue.notes) == ([], [("hold back", "m-1", delay)])


@pytest.mark.parametrize(
    ("body", "error", "failures", "reason", "detail"),
    [
        ("{", None, 0, "malformed", ""),
        (
            a_body(command="nobody.knows"),
            None,
            0,
            "unknown_type",
            "There is no command of this name.",
        ),
        (a_body(), LookupError("quotes"), 3, "LookupError", ""),
        (a_body(), InvalidValue("text", "is empty"), 0, "invalid_value", None),
    ],
)
def test_what_can_never_succeed_is_parked_with_its_reason(
    body: str, error: Exception | None, failures: int, reason: str, detail: str | None
) -> None:
    queue = NotingQueue()
    handle = failing(error or AssertionError("not to be handled"))
    assert commands(queue, handle).settle([a_message(body, failures)], SOON) == []
    ((kind, name, told_reason, told_detail),) = queue.notes
    assert (kind, name, told_reason) == ("park", "m-1", reason)
    assert told_detail == (str(error) if detail is None else detail)


def test_while_the_store_is_away_it_is_delivered_again_and_no_attempt_is_counted() -> None:
    queue = NotingQueue()
    settled = commands(queue, failing(StoreUnavailable("away"))).settle(
        [a_message(a_body(), failures=9)], SOON
    )
    assert (settled, queue.notes) == (["m-1"], [("postpone", "m-1", NO_ATTEMPT_SECONDS)])


@pytest.mark.parametrize(
    "error", [StoreUnavailable("away"), LookupError(), InvalidValue("text", "is empty")]
)
def test_what_cannot_be_put_aside_is_delivered_again(error: Exception) -> None:
    queue = NotingQueue(is_away=True)
    assert commands(queue, failing(error)).settle([a_message(a_body())], SOON) == ["m-1"]
    assert len(queue.notes) == 1


def test_the_log_names_message_and_reason(caplog: pytest.LogCaptureFixture) -> None:
    commands(NotingQueue(), failing(LookupError())).settle([a_message(a_body())], SOON)
    told = vars(caplog.records[0])
    assert (told["message_id"], told["reason"]) == ("m-1", "LookupError")


def test_each_message_fails_alone() -> None:
    def handle(command: CallLoanBack, _: CommandContext) -> None:
        if command.loan_id == "l-1":
            raise StoreUnavailable("away")

    messages = [
        a_message(a_body(data={"loan_id": f"l-{number}"}), name=f"m-{number}")
        for number in range(3)
    ]
    assert commands(NotingQueue(), handle).settle(messages, SOON) == ["m-1"]


def test_with_less_than_two_seconds_nothing_is_begun() -> None:
    queue = NotingQueue()
    settler = commands(queue, lambda *_: None)
    messages = [a_message(a_body())]
    assert settler.settle(messages, PRESENT + SHORTEST_COMMAND_SECONDS) == []
    assert settler.settle(messages, PRESENT + SHORTEST_COMMAND_SECONDS - 0.001) == ["m-1"]
    assert queue.notes == []


NUDGE = json.dumps({"timers_of": ["l-1"], "collection": "loans"}, separators=(",", ":"))


@pytest.mark.parametrize("is_done", [True, False])
def test_a_nudge_has_timers_called(is_done: bool) -> None:
    called: list[tuple[TimerNudge, float]] = []

    def call(nudge: TimerNudge, deadline: float) -> bool:
        called.append((nudge, deadline))
        return is_done

    queue = NotingQueue()
    settled = commands(queue, failing(AssertionError()), call).settle([a_message(NUDGE)], SOON)
    assert settled == ([] if is_done else ["m-1"])
    ((_, deadline),) = called
    assert (deadline, queue.notes) == (SOON, [])


def test_a_nudge_whose_timers_fail_is_put_aside() -> None:
    queue = NotingQueue()
    settler = commands(queue, failing(AssertionError()), failing(StoreUnavailable("away")))
    assert settler.settle([a_message(NUDGE)], SOON) == ["m-1"]
    assert queue.notes == [("postpone", "m-1", NO_ATTEMPT_SECONDS)]
