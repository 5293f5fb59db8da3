"""What each 1.x has sent, later code receives: from queues, from the broker, from callers."""

import json
import time
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pika

from carafe.api.preconditions import expected_versions, tag_of_version
from carafe.api.requests import caller_of
from carafe.development.contracts.snapshot import breaking_changes
from carafe.development.parked.on_rabbitmq import parked_events
from carafe.development.parked.on_sqs import parked_commands
from carafe.development.stored_forms.comparison import changes_between
from carafe.development.stored_forms.snapshot import snapshot_of
from carafe.infrastructure.cqrs.delivery import Delivery
from carafe.infrastructure.cqrs.inbox import Settled
from carafe.infrastructure.event_bus.names import inbox_queue, parked_queue, retry_queue
from carafe.infrastructure.outbox.nudges import read_nudge
from carafe.testing.inbound import a_delivery
from tests.support.golden import contracts as con
from tests.support.golden import library as lib
from tests.support.golden.scenario import contracts_of_the_library
from tests.support.golden.values import MARIA, told
from tests.support.golden.versions import Golden
from tests.support.golden.world import Library


def delivered(message: dict[str, Any]) -> Delivery:
    """Return a message of the broker's, as `consume` gets it."""
    properties = message["properties"]
    return Delivery(
        body=message["body"].encode(),
        message_id=properties["message_id"],
        type=properties["type"],
        content_type=properties["content_type"],
        headers=properties["headers"],
    )


def put(library: Library, queue: str, message: dict[str, Any]) -> None:
    """Put a message into a queue, with its properties."""
    properties = pika.BasicProperties(**message["properties"])  # type: ignore[no-untyped-call]
    library.broker.put_raw(queue, message["body"].encode(), properties)


# SQS


def test_a_nudge_leads_to_the_events_of_its_document(library: Library, golden: Golden) -> None:
    nudge = read_nudge(golden.queued('"collection": "loans"')["MessageBody"])
    assert nudge.collection == "loans"
    library.relay(nudge.collection, nudge.id)
    assert [each["type"] for each, _ in library.published()] == [con.LoanOpenedV1.wire_type]


def test_a_nudge_of_a_timer_calls_it(library: Library, golden: Golden) -> None:
    message = golden.queued("timers_of")
    library.clock.advance(library.loan("loan-open").timers[0].due - library.clock())
    assert library.execute(message["MessageBody"]) == []
    assert library.loan("loan-open").reminders == 1


def test_a_command_that_the_service_sent_itself_takes_effect_once(
    library: Library, golden: Golden
) -> None:
    body = golden.queued('"subject":"/golden"')["MessageBody"]
    assert library.execute(body) == library.execute(body) == []
    fines = [each.amount for each in library.loan("loan-asking").fines]
    assert fines == [Decimal("1.10"), Decimal("1.50")]


def test_a_command_of_the_service_itself_needed_no_scopes_before_0_3(
    library: Library, golden: Golden
) -> None:
    body = json.loads(golden.queued('"subject":"/golden"')["MessageBody"])
    del body["scopes"]
    assert library.execute(json.dumps(body)) == []
    assert len(library.loan("loan-asking").fines) == 2
    assert library.execute(json.dumps(body | {"id": "other", "subject": "/other"})) == []
    assert len(library.loan("loan-asking").fines) == 2


def test_a_command_that_was_held_back_goes_on_counting(library: Library, golden: Golden) -> None:
    message = golden.queued('"early"')
    failures = int(message["MessageAttributes"]["failures"]["StringValue"])
    assert library.execute(message["MessageBody"], failures) == []
    url = library.sqs.url(library.queue.queue)
    assert library.sqs.count(library.queue.queue) == 1, "it waits a minute"
    assert url.endswith(library.queue.queue)


def test_a_command_that_was_parked_is_shown_and_redriven(library: Library, golden: Golden) -> None:
    (message,) = (each for each in golden.read("queue") if each["kind"] == "dead letter")
    name = library.queue.queue
    library.sqs.client.send_message(
        QueueUrl=library.sqs.url(f"{name}-dead"),
        MessageBody=message["MessageBody"],
        MessageAttributes=message["MessageAttributes"],
    )
    with parked_commands(library.sqs.client, name) as source:
        (parked,) = source.messages(10)
        assert (parked.type, parked.reason) == ("golden.a", "unknown_type")
        assert parked.parked_at.startswith("2026-03-01T12:")
        source.redrive(parked)
    assert [each["id"] for each in library.sqs.waiting(name)] == ["unknown"]


# RabbitMQ


def test_what_was_held_back_comes_again_and_goes_on_counting(
    library: Library, golden: Golden
) -> None:
    first, second = golden.read("messages")["put_aside"]["held back"]
    assert library.settle(delivered(first), delivered(second)) == Settled(retried=2)
    later = [library.broker.take_all(retry_queue(lib.NAME, each)) for each in (60, 600)]
    assert [headers for ((headers, _),) in later] == [
        {"tenant": "t-1", "x-attempts": 2},
        {"tenant": "t-1", "x-attempts": 3},
    ]
    reported = a_delivery(told(con.MemberReportedV1, "reported nobody", member="nobody"))
    blocked = a_delivery(told(con.CardBlockedV1, "blocked nobody", member="nobody"))
    assert library.settle(reported, blocked, delivered(first)).handled == 3


def test_what_was_parked_is_shown_and_redriven(library: Library, golden: Golden) -> None:
    unknown, malformed = golden.read("messages")["put_aside"]["parked"]
    for each in (unknown, malformed):
        put(library, parked_queue(lib.NAME), each)
    library.broker.wait_for(2, parked_queue(lib.NAME))
    with parked_events(library.container.settings.rabbitmq_url, lib.NAME) as source:
        messages = source.messages(10)
        assert [each.reason for each in messages] == ["unknown_type", "malformed"]
        assert messages[1].detail == "/days: expected `int`, got `str`"
        for each in messages:
            source.redrive(each)
    library.broker.wait_for(2)
    redriven = library.broker.take_all(inbox_queue(lib.NAME))
    assert [headers for headers, _ in redriven] == [{}, {}]
    assert [body.decode() for _, body in redriven] == [unknown["body"], malformed["body"]]


def test_a_refusal_reaches_the_process_that_sent_the_command(
    library: Library, golden: Golden
) -> None:
    """Another service has this version too: its refusals have this form."""
    (refusal,) = golden.read("messages")["put_aside"]["refusals"]
    process = library.reminding("running")
    body = refusal["body"].replace("golden.command", "golden_members.command")
    body = body.replace('"command_id":"no number"', f'"command_id":"{process.command_ids[0]}"')
    assert library.settle(delivered({**refusal, "body": body})) == Settled(handled=1)
    assert library.reminding("running").status.value == "undone"


def test_what_was_published_is_received(library: Library, golden: Golden) -> None:
    """Events and commands of this version, as another service on later code gets them."""
    for message in golden.read("messages")["published"]:
        body = message["body"].replace("golden.loan.overdue", "golden_members.member.reported")
        body = body.replace("golden_members.card.block.v1", "golden_members.card.blocked.v1")
        if "reported" in body or "card.blocked" in body:
            assert library.settle(delivered({**message, "body": body})).handled == 1


# Callers, and what the command keeps


def test_an_entity_tag_is_that_of_the_same_version(golden: Golden) -> None:
    tag = golden.read("answers")["etag"]
    assert (tag_of_version(3), expected_versions(tag)) == (tag, frozenset({3}))


def test_an_authorizer_of_this_version_is_believed(golden: Golden) -> None:
    """API Gateway repeats its answer for a while, to the functions of the next version."""
    context = golden.read("answers")["authorizer"]["context"]
    assert int(context["expires_at"]) > time.time()
    request: Any = SimpleNamespace(context={"authorizer": context})
    assert caller_of(request) == MARIA


def test_released_forms_and_contracts_are_compared(golden: Golden) -> None:
    forms = changes_between(golden.read("released_forms"), snapshot_of([lib.Loan, lib.Reminding]))
    assert [str(each) for each in forms] == []
    contracts = golden.read("released_contracts")
    assert breaking_changes(contracts, contracts_of_the_library()) == []
    missing = contracts | {"commands": {}}
    assert breaking_changes(contracts, missing) != []
