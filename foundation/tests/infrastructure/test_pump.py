"""The pump feeds functions as AWS's event source mappings do, from a real SQS."""

import secrets
import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from chalice.app import Chalice, CloudWatchEvent, Cron

from carafe.development import functions
from carafe.development.event_sources import (
    QueueTrigger,
    ScheduleTrigger,
    inbox_triggers,
    queue_triggers,
    schedule_triggers,
)
from carafe.development.lambda_context import LambdaContext
from carafe.development.lambda_events import schedule_event
from carafe.development.project import project
from carafe.development.pump import QueuePump, failures_in, run_schedule
from carafe.development.queues import MAX_NUDGE_RECEIVES, QueueClient
from carafe.infrastructure.container import Container
from carafe.testing.clock import AdvanceableClock
from carafe.testing.contexts import a_context
from carafe.testing.sqs import Sqs
from chalicelib.domain.order import Order, OrderStatus
from chalicelib.domain.order_payment import PaymentDue
from tests.support.orders import an_order


class Recorder:
    """A function that remembers its batches and fails what it is told to."""

    def __init__(self, failing: set[str] | None = None) -> None:
        self.batches: list[list[dict[str, Any]]] = []
        self.failing = failing or set()

    def __call__(self, event: dict[str, Any], _context: object) -> dict[str, Any]:
        self.batches.append(event["Records"])
        failed = [each["messageId"] for each in event["Records"] if each["body"] in self.failing]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}

    @property
    def bodies(self) -> list[list[str]]:
        """The bodies of each batch, sorted: SQS promises no order."""
        return [sorted(each["body"] for each in batch) for batch in self.batches]


@pytest.fixture
def trigger(sqs: Sqs) -> QueueTrigger:
    """A queue whose messages come back at once when they are not deleted."""
    queue_trigger = QueueTrigger("bridge", f"pump-{secrets.token_hex(4)}", 4, 0)
    sqs.declare(queue_trigger, visibility_seconds=0)
    return queue_trigger


def a_pump(sqs: Sqs, trigger: QueueTrigger, function: Any) -> QueuePump:  # noqa: ANN401
    client = QueueClient(sqs.client.meta.endpoint_url)
    return QueuePump(client, sqs.url(trigger.queue), trigger, function)


def test_a_record_has_the_shape_that_aws_sends(sqs: Sqs, trigger: QueueTrigger) -> None:
    sqs.send(trigger.queue, "hello")
    function = Recorder()
    assert a_pump(sqs, trigger, function).step() == 1
    ((record,),) = function.batches
    assert record.keys() == {
        "messageId",
        "receiptHandle",
        "body",
        "attributes",
        "messageAttributes",
        "md5OfBody",
        "eventSource",
        "eventSourceARN",
        "awsRegion",
    }
    assert record["eventSource"] == "aws:sqs"
    assert record["eventSourceARN"].endswith(f":{trigger.queue}")
    assert {"ApproximateReceiveCount", "SentTimestamp"} <= record["attributes"].keys()


def test_a_batch_is_never_larger_than_its_size(sqs: Sqs, trigger: QueueTrigger) -> None:
    for number in range(6):
        sqs.send(trigger.queue, str(number))
    function = Recorder()
    pump = a_pump(sqs, trigger, function)
    while pump.step(wait_seconds=0):
        pass
    assert sorted(body for batch in function.bodies for body in batch) == list("012345")
    assert max(len(batch) for batch in function.bodies) <= 4


def test_only_what_failed_comes_back(sqs: Sqs, trigger: QueueTrigger) -> None:
    for body in ("good", "bad", "fine"):
        sqs.send(trigger.queue, body)
    function = Recorder(failing={"bad"})
    pump = a_pump(sqs, trigger, function)
    pump.step()
    function.failing.clear()
    pump.step()
    assert function.bodies == [["bad", "fine", "good"], ["bad"]]
    assert sqs.count(trigger.queue) == 0


def test_what_failed_stays_hidden_for_its_visibility_timeout(sqs: Sqs) -> None:
    trigger = QueueTrigger("bridge", f"pump-{secrets.token_hex(4)}", 4, 0)
    sqs.declare(trigger, visibility_seconds=60)
    sqs.send(trigger.queue, "bad")
    pump = a_pump(sqs, trigger, Recorder(failing={"bad"}))
    assert pump.step() == 1
    assert pump.step(wait_seconds=0) == 0
    assert sqs.count(trigger.queue) == 1


@pytest.mark.parametrize("nonsense", [ValueError("boom"), {"batchItemFailures": [{}]}, "done"])
def test_the_whole_batch_comes_back_when_the_function_fails(
    sqs: Sqs, trigger: QueueTrigger, nonsense: object
) -> None:
    """F19."""
    sqs.send(trigger.queue, "one")

    def failing(_event: object, _context: object) -> object:
        if isinstance(nonsense, Exception):
            raise nonsense
        return nonsense

    a_pump(sqs, trigger, failing).step()
    assert sqs.count(trigger.queue) == 1


def test_what_fails_too_often_is_set_aside(sqs: Sqs, trigger: QueueTrigger) -> None:
    """F20."""
    sqs.send(trigger.queue, "bad")
    pump = a_pump(sqs, trigger, Recorder(failing={"bad"}))
    deliveries = sum(pump.step(wait_seconds=0) for _ in range(MAX_NUDGE_RECEIVES + 2))
    assert deliveries == MAX_NUDGE_RECEIVES
    assert sqs.count(trigger.queue) == 0
    assert sqs.count(f"{trigger.queue}-dead") == 1


class Pauses(threading.Event):
    """Remembers how often it was waited for, and is set by the given number of pauses."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.count = 0

    def wait(self, timeout: float | None = None) -> bool:
        """Wait, and count."""
        self.count += 1
        if self.count == self.most:
            self.set()
        return super().wait(timeout)


def test_messages_gather_after_a_batch_with_room_but_not_after_a_full_one(
    sqs: Sqs, trigger: QueueTrigger
) -> None:
    for number in range(9):
        sqs.send(trigger.queue, str(number))
    function = Recorder()
    pauses = Pauses(most=1)
    a_pump(sqs, trigger, function).run(pauses)
    assert [len(batch) for batch in function.batches] == [4, 4, 1]
    assert pauses.count == 1


def test_a_pump_survives_an_sqs_that_refuses(sqs: Sqs, trigger: QueueTrigger) -> None:
    pump = a_pump(sqs, trigger, Recorder())
    sqs.client.delete_queue(QueueUrl=sqs.url(trigger.queue))
    pauses = Pauses(most=1)
    pump.run(pauses)
    assert pauses.count == 1


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (None, set()),
        ({}, set()),
        ({"batchItemFailures": []}, set()),
        ({"batchItemFailures": None}, set()),
        ({"batchItemFailures": [{"itemIdentifier": "a"}]}, {"a"}),
        ({"batchItemFailures": [{"itemIdentifier": "unknown"}]}, {"a", "b"}),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, {"a", "b"}),
        ({"batchItemFailures": [{"id": "a"}]}, {"a", "b"}),
        ({"batchItemFailures": "a"}, {"a", "b"}),
        ("nonsense", {"a", "b"}),
    ],
)
def test_an_answer_is_read_as_aws_reads_it(answer: object, failed: set[str]) -> None:
    assert failures_in(answer, {"a", "b"}) == failed


def test_a_schedule_begins_with_the_start_and_goes_on() -> None:
    """Otherwise events that a kill left pending would wait for a whole period."""
    began = time.monotonic()
    calls: list[float] = []
    stopping = threading.Event()

    def sweep(event: dict[str, Any], _context: object) -> None:
        assert event["detail-type"] == "Scheduled Event"
        calls.append(time.monotonic() - began)
        if len(calls) == 4:
            stopping.set()
        raise ValueError("a failure does not end the schedule")

    run_schedule(ScheduleTrigger("sweep", every_seconds=1), sweep, 0.2, stopping)
    assert calls == pytest.approx([0, 0.2, 1.2, 2.2], abs=0.15)


def test_events_that_were_pending_are_relayed_at_the_start(service: Container[Any]) -> None:
    """As after a kill of everything, the nudges included."""
    service.repository(Order).add(an_order(), a_context())
    assert service.relay.oldest_pending_seconds() > 0
    stopping = threading.Event()
    threads = functions.start(["sweep"], stopping)
    try:
        deadline = time.monotonic() + 10
        while service.relay.oldest_pending_seconds() > 0 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert service.relay.oldest_pending_seconds() == 0
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def an_order_to_be_paid(service: Container[Any], within: timedelta) -> str:
    """Return the id of an order that a timer cancels."""
    order = an_order()
    order.set_timer(PaymentDue, within, at=service.clock())
    service.repository(Order).add(order, a_context())
    return order.id


def wait_until_cancelled(service: Container[Any], order_id: str, pump: QueuePump) -> None:
    """Feed `execute` until the timer has called."""
    deadline = time.monotonic() + 10
    while service.repository(Order).get(order_id).status is not OrderStatus.CANCELLED:
        assert time.monotonic() < deadline, "the timer has not called"
        pump.step(wait_seconds=1)


def test_a_timer_calls_on_the_second(
    service: Container[Any], sqs: Sqs, command_queue: QueueTrigger
) -> None:
    """The local SQS delays its nudge, as AWS's does."""
    pump = a_pump(sqs, command_queue, project().module("app").execute)
    set_at = service.clock()
    order_id = an_order_to_be_paid(service, timedelta(seconds=2))
    wait_until_cancelled(service, order_id, pump)
    waited = (service.clock() - set_at).total_seconds()
    assert 2 <= waited < 4


def test_a_timer_whose_nudge_was_lost_is_found_by_the_sweep(
    service: Container[Any], sqs: Sqs, command_queue: QueueTrigger, clock: AdvanceableClock
) -> None:
    app = project().module("app")
    order_id = an_order_to_be_paid(service, timedelta(seconds=2))
    sqs.client.purge_queue(QueueUrl=sqs.url(command_queue.queue))
    clock.advance(timedelta(minutes=1))
    answer = app.sweep(schedule_event("sweep"), LambdaContext("sweep"))
    assert answer["nudged"] == 1
    wait_until_cancelled(service, order_id, a_pump(sqs, command_queue, app.execute))


def test_a_second_schedule_runs_as_well_and_a_cron_one_daily() -> None:
    app = Chalice(app_name="lending")
    app.schedule("rate(5 minutes)", name="remind")(_ignore)
    app.schedule(Cron(0, 3, "*", "*", "?", "*"), name="tidy")(_ignore)
    triggers = [(each.function, each.every_seconds) for each in schedule_triggers(app)]
    assert triggers == [("remind", 300), ("tidy", 86_400)]


def _ignore(event: CloudWatchEvent) -> None:
    del event


def test_the_triggers_are_read_from_the_app() -> None:
    from app import app  # noqa: PLC0415 - the app, here alone

    assert [(each.function, each.queue) for each in queue_triggers(app)] == [
        ("bridge", "ordering-nudges"),
        ("execute", "ordering-commands"),
    ]
    assert [(each.function, each.every_seconds) for each in schedule_triggers(app)] == [
        ("sweep", 60)
    ]
    assert [each.function for each in inbox_triggers(app)] == ["consume"]
