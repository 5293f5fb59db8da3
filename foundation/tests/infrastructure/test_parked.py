"""What was set aside can be looked at, sent back in order, and given up; each act is on record."""

import json
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from bson.decimal128 import Decimal128
from click.testing import Result

from app import functions
from carafe.development.cli import main
from carafe.development.event_sources import QueueTrigger
from carafe.development.parked import commands as command_line
from carafe.development.parked.actions import apply_to_each
from carafe.development.parked.message import describe, in_order
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.names import inbox_queue, parked_queue
from carafe.infrastructure.outbox.outbox import envelope_of
from carafe.testing.contexts import a_context
from carafe.testing.inbound import Broker, a_delivery, an_event
from carafe.testing.sqs import Sqs
from chalicelib.domain.order import Order, OrderStatus
from tests.support.command_runner import CommandRunner
from tests.support.inbound import PAYMENT_CAPTURED, payment_captured
from tests.support.orders import a_paid_order, an_order


def run(*arguments: str) -> Result:
    return CommandRunner().invoke(main, ["parked", *arguments], catch_exceptions=False)


def audit_records(result: Result) -> list[dict[str, Any]]:
    """Return the lines for the records."""
    return [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]


def park(broker: Broker, event: object, **headers: Any) -> None:  # noqa: ANN401 - any AMQP value
    """Put a message among the parked, as the inbox does."""
    delivery = a_delivery(event)
    headers = {"x-parked-reason": "not_found", "x-attempts": 3, **headers}
    broker.put(
        parked_queue(broker.name), delivery.body, headers=headers, message_id=delivery.message_id
    )


def test_an_event_goes_back_takes_effect_and_leaves_a_record(
    service: Container[Any], broker: Broker
) -> None:
    order = an_order()
    event = payment_captured(order.id)
    functions.inbox().settle(
        [a_delivery(event, **{"x-attempts": 3, "mark": "kept"})], time.monotonic() + 30
    )
    service.repository(Order).add(order, a_context())
    result = run("list", "--reason", "not_found")
    assert event["id"] in result.output
    assert "1 messages" in result.output
    result = run("redrive", "--id", event["id"][:20])
    assert result.exit_code == 0
    (line,) = audit_records(result)
    assert (line["audit"], line["id"], line["reason"]) == ("redrive", event["id"], "not_found")
    ((headers, body),) = broker.take_all(inbox_queue(broker.name))
    assert (headers, json.loads(body)) == ({"mark": "kept"}, event)
    functions.inbox().settle([a_delivery(event)], time.monotonic() + 30)
    assert service.repository(Order).get(order.id).status is OrderStatus.PAID
    assert broker.parked() == []


def test_looking_changes_nothing(broker: Broker) -> None:
    events = [payment_captured(f"o-{number}") for number in range(3)]
    for event in events:
        park(broker, event)
    for _ in range(3):
        assert "3 messages" in run("list").output
        assert '"order_id": "o-1"' in run("show", events[1]["id"]).output
        assert run("redrive", "--all", "--dry-run").output.count("would redrive") == 3
    assert [json.loads(body)["id"] for _, body in broker.parked()] == [
        each["id"] for each in events
    ]


def test_only_what_is_chosen_is_touched(broker: Broker) -> None:
    first, second = (
        payment_captured("a"),
        an_event("shipping.parcel.delivered.v1", data={"order_id": "a"}),
    )
    third = payment_captured("c", subject="p-9")
    for event in (first, second, third):
        park(broker, event)
    park(broker, b"\xff", **{"x-parked-reason": "malformed"})
    assert run("discard", "--type", second["type"]).exit_code == 0
    assert run("discard", "--subject", "p-9").exit_code == 0
    assert run("discard", "--reason", "malformed").exit_code == 0
    assert [json.loads(body)["id"] for _, body in broker.parked()] == [first["id"]]


def test_all_must_be_said(broker: Broker) -> None:
    park(broker, payment_captured("a"))
    result = run("discard")
    assert (result.exit_code, "--all" in result.output) == (2, True)
    assert broker.count(parked_queue(broker.name)) == 1
    assert run("discard", "--all").exit_code == 0
    assert broker.count(parked_queue(broker.name)) == 0


def test_many_are_discarded_and_none_comes_back(broker: Broker) -> None:
    for number in range(150):
        park(broker, payment_captured(f"o-{number}"))
    assert "150 messages: discard done" in run("discard", "--all").output
    assert run("list").output.startswith("0 messages")


def test_the_messages_of_one_subject_go_back_in_their_order(broker: Broker) -> None:
    numbers = [("x", 2), ("y", 1), ("x", 3), ("x", 1)]
    for subject, sequence in numbers:
        park(broker, an_event(PAYMENT_CAPTURED, subject=subject, sequence=sequence, data={}))
    assert run("redrive", "--all").exit_code == 0
    redriven = [json.loads(body) for _, body in broker.take_all(inbox_queue(broker.name))]
    assert [(each["subject"], each["sequence"]) for each in redriven] == [
        ("x", 1),
        ("y", 1),
        ("x", 2),
        ("x", 3),
    ]


def test_what_is_not_accepted_stays_and_holds_back_its_subject(
    service: Container[Any], broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    from carafe.development.parked import on_rabbitmq  # noqa: PLC0415 - to break it

    def to_nowhere(message: Any) -> on_rabbitmq.Destination:  # noqa: ANN401 - whatever it is
        wrong = message.subject == "x" and message.sequence == 1
        return on_rabbitmq.Destination("", "no-such-queue" if wrong else inbox_queue(broker.name))

    opened = on_rabbitmq.parked_events(service.settings.rabbitmq_url, broker.name)
    for subject, sequence in [("x", 1), ("y", 1), ("x", 2)]:
        park(broker, an_event(PAYMENT_CAPTURED, subject=subject, sequence=sequence, data={}))
    with opened as source:
        monkeypatch.setattr(source, "_destination", to_nowhere)
        assert apply_to_each("redrive", source, source.messages(10)) == 2
    remaining = [json.loads(body) for _, body in broker.parked()]
    assert [(each["subject"], each["sequence"]) for each in remaining] == [("x", 1), ("x", 2)]


def test_messages_without_an_order_keep_their_places() -> None:
    bodies = [b"?", b'{"subject": "s", "sequence": 2}', b"[]", b'{"subject": "s", "sequence": 1}']
    ordered = in_order(describe(body, {}, None) for body in bodies)
    assert [each.body for each in ordered] == [bodies[0], bodies[3], bodies[2], bodies[1]]


def test_an_event_that_nobody_wanted_goes_out_again(service: Container[Any]) -> None:
    """F27."""
    order = an_order()
    service.repository(Order).add(order, a_context())
    relayed = service.relay.relay({"orders": [order.id]}, time.monotonic() + 20)
    assert (relayed.events, relayed.unfinished) == (1, set())
    assert "ordering.order.placed.v1" in run("list", "--queue", "unrouted").output
    with service.bus.subscribe(["ordering.order.placed"]) as subscription:
        assert run("redrive", "--queue", "unrouted", "--subject", order.id).exit_code == 0
        message = subscription.receive(10)
        assert message is not None
        subscription.settle(message)
        assert json.loads(message.body)["subject"] == order.id
    assert run("list", "--queue", "unrouted").output.startswith("0 messages")


def test_commands_go_back_to_their_queue(
    service: Container[Any], sqs: Sqs, monkeypatch: pytest.MonkeyPatch
) -> None:
    del service
    trigger = QueueTrigger("execute", f"commands-{secrets.token_hex(4)}", 10, 0)
    sqs.declare(trigger)
    monkeypatch.setattr(command_line, "command_queue", lambda: trigger.queue)
    for number in range(3):
        command = {"id": f"c-{number}", "command": "ordering.pay_order"}
        sqs.send(f"{trigger.queue}-dead", command)
    assert "3 messages" in run("list", "--queue", "commands").output
    assert run("redrive", "--queue", "commands", "--id", "c-1").exit_code == 0
    assert run("discard", "--queue", "commands", "--id", "c-2").exit_code == 0
    assert [each["id"] for each in sqs.waiting(trigger.queue)] == ["c-1"]
    assert [each["id"] for each in sqs.waiting(f"{trigger.queue}-dead")] == ["c-0"]


# The outbox


def outbox(*arguments: str) -> Result:
    return CommandRunner().invoke(main, ["outbox", *arguments], catch_exceptions=False)


def test_the_outbox_tells_what_waits_and_is_emptied(service: Container[Any]) -> None:
    for _ in range(3):
        service.repository(Order).add(an_order(), a_context())
    result = outbox("status")
    assert result.exit_code == 0
    assert "orders: 3 aggregates wait, with 3 events" in result.output
    assert "3 aggregates would be relayed" in outbox("relay", "--dry-run").output
    assert "3 events relayed" in outbox("relay").output
    assert "orders: 0 aggregates wait, with 0 events and 0 commands" in outbox("status").output


def _without_body(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "body"}


def _of_an_earlier_version_with_a_decimal(entry: dict[str, Any]) -> dict[str, Any]:
    """JSON has no such type; a hand may have left it."""
    return envelope_of(entry) | {"data": {"total": Decimal128("1")}}


@pytest.mark.parametrize("damage", [_without_body, _of_an_earlier_version_with_a_decimal])
def test_an_event_that_cannot_be_published_is_parked_and_others_flow(
    service: Container[Any], damage: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    """F34."""
    malformed_order, valid_order = a_paid_order(), an_order()
    for order in (malformed_order, valid_order):
        service.repository(Order).add(order, a_context())
    orders = service.database["orders"]
    document = orders.find_one({"_id": malformed_order.id})
    assert document is not None
    first = document["pending"][0]
    orders.update_one({"_id": malformed_order.id}, {"$set": {"pending.0": damage(first)}})
    relayed = service.relay.sweep(0, time.monotonic() + 20)
    assert (relayed.events, relayed.parked, relayed.unfinished) == (1, 1, set())
    result = outbox("status")
    assert (result.exit_code, f"parked: orders {malformed_order.id}" in result.output) == (1, True)
    assert service.relay.sweep(0, time.monotonic() + 20).parked == 0
    orders.update_one({"_id": malformed_order.id}, {"$set": {"pending.0": first}})
    assert "2 events relayed" in outbox("relay", "--parked").output
    assert outbox("status").exit_code == 0
