"""A document that newer code wrote is refused by older code, and nothing is lost: messages wait."""

from datetime import timedelta

import pytest

from carafe.infrastructure.cqrs.inbox import Settled
from carafe.infrastructure.cqrs.queued_commands import QueuedMessage
from carafe.infrastructure.event_bus.names import (
    RETRY_DELAYS_SECONDS,
    parked_queue,
    retry_queue,
    unrouted_queue,
)
from carafe.testing.inbound import a_delivery
from tests.support.golden import contracts as con
from tests.support.golden import library as lib
from tests.support.golden.values import a_queued_command, told
from tests.support.golden.world import Library
from tests.support.settling import soon

MINUTE = timedelta(minutes=1)
ALL_ATTEMPTS = len(RETRY_DELAYS_SECONDS)


@pytest.fixture
def newer(library: Library) -> Library:
    """Newer code has saved a loan and a process."""
    for name in ("loans", "remindings"):
        ids = ["loan-open", lib.reminding_id("running")]
        library.container.database[name].update_many(
            {"_id": {"$in": ids}}, {"$set": {"schema_version": 2}}
        )
    return library


def test_a_command_waits_in_its_queue_however_often_it_fails(newer: Library) -> None:
    name = newer.queue.queue
    body = a_queued_command("c-1", con.ChargeLoan.wire_name, loan_id="loan-open", amount="1.00")
    newer.sqs.send(name, body)
    (message,) = newer.sqs.client.receive_message(QueueUrl=newer.sqs.url(name))["Messages"]
    queued = QueuedMessage("m-1", message["ReceiptHandle"], name, body, failures=ALL_ATTEMPTS)
    commands = newer.functions.queued_commands()
    for _ in range(ALL_ATTEMPTS + 1):
        assert commands.settle([queued], soon()) == ["m-1"]
    assert (newer.sqs.count(name), newer.sqs.count(f"{name}-dead")) == (1, 0)
    answer = newer.sqs.client.get_queue_attributes(
        QueueUrl=newer.sqs.url(name), AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
    )
    assert answer["Attributes"]["ApproximateNumberOfMessagesNotVisible"] == "1"


def test_a_message_of_another_service_comes_again_and_its_sender_is_told_nothing(
    newer: Library,
) -> None:
    event = told(con.CardBlockedV1, "blocked", member="running")
    command = told(con.ExtendLoanV1, "extend", loan_id="loan-open", days=7)
    deliveries = [a_delivery(each, **{"x-attempts": ALL_ATTEMPTS}) for each in (event, command)]
    assert newer.settle(*deliveries) == Settled(retried=2)
    waiting = newer.broker.take_all(retry_queue(lib.NAME, 60))
    assert [headers for headers, _ in waiting] == [{"x-attempts": ALL_ATTEMPTS}] * 2
    for queue in (parked_queue, unrouted_queue):
        assert newer.broker.take_all(queue(lib.NAME)) == []


def test_a_timer_calls_when_newer_code_finds_it_and_its_neighbours_at_once(newer: Library) -> None:
    before = newer.document("loan-open")
    newer.call_timers("loan-open", "loan-asking", later=11 * MINUTE)
    assert newer.document("loan-open") == before, "no failure is counted"
    assert newer.loan("loan-asking").reminders == 2
    store = newer.container.timer_stores["loans"]
    at = newer.clock()
    assert "loan-open" in {each.id for each in store.due_until(at, at, 10, None)}
