"""Events of other services: each takes effect once, fails alone, and is never lost."""

import json
import threading
import time
from collections.abc import Sequence
from typing import Any

import pytest

from app import functions
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.upcasters import Upcaster
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.delivery import Delivery
from carafe.infrastructure.cqrs.failures import NO_ATTEMPT_SECONDS
from carafe.infrastructure.cqrs.inbox import SENDING_SECONDS, Inbox, Settled
from carafe.infrastructure.cqrs.invocation import Invocation
from carafe.infrastructure.database.bookkeeping import MOST_HANDLED
from carafe.infrastructure.errors import BusUnavailable, StoreUnavailable
from carafe.infrastructure.event_bus.names import RETRY_DELAYS_SECONDS, inbox_queue, retry_queue
from carafe.infrastructure.outbox.outbox import envelope_of
from carafe.testing.contexts import a_context
from carafe.testing.inbound import Broker, a_delivery, an_event
from carafe.testing.processes import wait_until
from chalicelib.contracts.subscribed_events import PaymentCapturedV1
from chalicelib.domain.order import Order, OrderStatus
from tests.support.inbound import (
    PAYMENT_CAPTURED,
    parcel_delivered,
    parcel_dispatched,
    payment_captured,
)
from tests.support.settling import settle, soon


def test_an_order_follows_the_events_of_other_services(
    service: Container[Any], order_id: str
) -> None:
    events = [payment_captured(order_id), parcel_dispatched(order_id), parcel_delivered(order_id)]
    assert settle(*map(a_delivery, events)) == Settled(handled=3)
    order = service.repository(Order).get(order_id)
    assert (order.status, order.payment_reference) == (
        OrderStatus.DELIVERED,
        f"payment-of-{order_id}",
    )


def test_what_an_event_causes_is_announced_with_its_correlation(
    service: Container[Any], order_id: str
) -> None:
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    event = payment_captured(order_id, correlationid="corr-1", traceparent=trace)
    settle(a_delivery(event))
    document = service.database["orders"].find_one({"_id": order_id})
    assert document is not None
    paid = envelope_of(document["pending"][-1])
    assert (paid["type"], paid["correlationid"], paid["causationid"], paid["traceparent"]) == (
        "ordering.order.paid.v1",
        "corr-1",
        event["id"],
        trace,
    )


def test_a_repeated_event_takes_effect_once(service: Container[Any], order_id: str) -> None:
    event = payment_captured(order_id)
    assert settle(a_delivery(event), a_delivery(event)).handled == 2
    assert settle(a_delivery(event)).handled == 1
    assert service.repository(Order).get(order_id).version == 2


def test_concurrent_copies_take_effect_once(service: Container[Any], order_id: str) -> None:
    """F41."""
    event = payment_captured(order_id)
    done: list[Settled] = []
    threads = [
        threading.Thread(target=lambda: done.append(settle(a_delivery(event)))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == [Settled(handled=1)] * 8
    assert service.repository(Order).get(order_id).version == 2


def test_an_event_that_tells_nothing_new_is_no_fault(
    service: Container[Any], order_id: str
) -> None:
    order = service.repository(Order).get(order_id)
    order.pay(f"payment-of-{order_id}", at=order.placed_at)
    service.repository(Order).save(order, a_context())
    assert settle(a_delivery(payment_captured(order_id))) == Settled(handled=1)
    document = service.database["orders"].find_one({"_id": order_id})
    assert document is not None
    assert [each["type"] for each in document["pending"]].count("ordering.order.paid.v1") == 1


def test_an_event_is_remembered_after_many_others(service: Container[Any], order_id: str) -> None:
    """F44: up to the number of commands that an aggregate remembers."""
    event = payment_captured(order_id)
    settle(a_delivery(event))
    order = service.repository(Order).get(order_id)
    for _ in range(MOST_HANDLED - 1):
        service.repository(Order).save(order, a_context())
    version = order.version
    assert settle(a_delivery(event)) == Settled(handled=1)
    assert service.repository(Order).get(order_id).version == version


HOPELESS: list[tuple[str, object, str]] = [
    ("no JSON", b"{", "malformed"),
    ("no UTF-8", b'{"a": "\xff"}', "malformed"),
    ("nothing", b"", "malformed"),
    ("a list", b"[]", "malformed"),
    ("deep", b"[" * 100_000, "malformed"),
    ("NaN", b'{"specversion": NaN}', "malformed"),
    ("no type", {"specversion": "1.0", "id": "1", "source": "/x", "data": {}}, "malformed"),
    ("an id that is no text", payment_captured("x", id=7), "malformed"),
    ("an empty id", payment_captured("x", id=""), "malformed"),
    ("another specversion", payment_captured("x", specversion="0.3"), "malformed"),
    ("no data", an_event(PAYMENT_CAPTURED), "malformed"),
    ("data that is no object", an_event(PAYMENT_CAPTURED, data=[1]), "malformed"),
    ("a field missing", an_event(PAYMENT_CAPTURED, data={"order_id": "x"}), "malformed"),
    ("an operator", an_event(PAYMENT_CAPTURED, data={"order_id": {"$ne": ""}}), "malformed"),
    ("an unknown type", an_event("payments.payment.refunded.v1", data={}), "unknown_type"),
    ("an unknown version", an_event("payments.payment.captured.v9", data={}), "unknown_type"),
]  # fmt: skip


@pytest.mark.parametrize("header", [{"weight": 1.5}, {"x" * 300: 1}, {"deep": [{"weight": 1.5}]}])
def test_a_header_that_nothing_can_carry_holds_up_nobody(
    broker: Broker, header: dict[str, Any]
) -> None:
    """F43, F45."""
    assert settle(a_delivery(b"poison", mark="kept", **header), a_delivery(b"{")).parked == 2
    marks = [headers.get("mark") for headers, _ in broker.parked()]
    assert marks == ["kept", None]


@pytest.mark.parametrize(
    ("event", "reason"), [each[1:] for each in HOPELESS], ids=[each[0] for each in HOPELESS]
)
def test_poison_is_parked_and_its_siblings_go_on(
    service: Container[Any], broker: Broker, order_id: str, event: object, reason: str
) -> None:
    """F43, F45."""
    settled = settle(a_delivery(event, mark="kept"), a_delivery(payment_captured(order_id)))
    assert settled == Settled(handled=1, parked=1)
    assert service.repository(Order).get(order_id).status is OrderStatus.PAID
    ((headers, body),) = broker.parked()
    assert body == a_delivery(event).body
    assert (headers["x-parked-reason"], headers["mark"]) == (reason, "kept")
    assert headers["x-parked-at"]


def test_the_same_id_with_other_content_is_parked(broker: Broker, order_id: str) -> None:
    first, second = (
        payment_captured(order_id, id="one"),
        payment_captured(order_id, id="one", source="/payments"),
    )
    second["data"] = {**second["data"], "payment_reference": "another"}
    assert settle(a_delivery(first), a_delivery(second)) == Settled(handled=1, parked=1)
    ((headers, _),) = broker.parked()
    assert headers["x-parked-reason"] == "command_mismatch"


def test_an_event_that_came_too_early_is_held_back_and_comes_again(
    service: Container[Any], broker: Broker, order_id: str
) -> None:
    """The parcel's event overtook the payment's."""
    early = parcel_dispatched(order_id)
    assert settle(a_delivery(early)) == Settled(retried=1)
    assert broker.count(retry_queue(broker.name, 5)) == 1
    settle(a_delivery(payment_captured(order_id)))
    wait_until(lambda: broker.count() == 1)
    ((headers, body),) = broker.take_all(inbox_queue(broker.name))
    assert headers["x-attempts"] == 1
    # The broker's own notes would make it drop the message the next time.
    again = Delivery(body=body, message_id=early["id"], headers=headers)
    assert settle(again) == Settled(handled=1)
    assert service.repository(Order).get(order_id).status is OrderStatus.SHIPPED


def test_each_failure_is_held_back_for_longer_then_parked(broker: Broker) -> None:
    lost = payment_captured("no-such-order")
    headers: dict[str, Any] = {"x-death": [{"count": 1}], "x-first-death-queue": "q", "mine": 1}
    for attempt, delay in enumerate(RETRY_DELAYS_SECONDS, start=1):
        assert settle(a_delivery(lost, **headers)) == Settled(retried=1)
        if delay > RETRY_DELAYS_SECONDS[0]:
            ((headers, _),) = broker.take_all(retry_queue(broker.name, delay))
            assert headers == {"mine": 1, "x-attempts": attempt}
        else:
            headers = {**headers, "x-attempts": attempt}
    assert settle(a_delivery(lost, **headers)) == Settled(parked=1)
    ((headers, _),) = broker.parked()
    assert (headers["x-parked-reason"], headers["x-attempts"]) == ("not_found", 3)


@pytest.mark.parametrize("attempts", ["x", -1, [], {"bytes": []}, True, None])
def test_an_odd_count_of_attempts_counts_as_none(broker: Broker, attempts: object) -> None:
    delivery = a_delivery(payment_captured("no-such-order"), **{"x-attempts": attempts})
    assert settle(delivery) == Settled(retried=1)
    assert broker.count(retry_queue(broker.name, RETRY_DELAYS_SECONDS[0])) == 1


def test_two_deliveries_of_one_failing_event_are_both_put_aside(broker: Broker) -> None:
    delivery = a_delivery(an_event("payments.payment.refunded.v1", data={}))
    assert settle(delivery, delivery, delivery).parked == 3
    assert len(broker.parked()) == 3


def test_while_the_store_is_away_all_is_held_back_and_no_attempt_counted(
    service: Container[Any], broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often Lambda delivers a batch again, and whatever it does then: it need not."""
    calls = []

    def away(*arguments: object) -> object:
        calls.append(arguments)
        raise StoreUnavailable("gone")

    monkeypatch.setattr(service.repository(Order), "load", away)
    late = {"x-attempts": len(RETRY_DELAYS_SECONDS)}
    settled = settle(
        a_delivery(b"poison"), *(a_delivery(payment_captured(each), **late) for each in "xyz")
    )
    assert settled == Settled(parked=1, retried=3)
    assert len(calls) == 1  # it may take seconds to see that the store is away
    held_back = broker.take_all(retry_queue(broker.name, NO_ATTEMPT_SECONDS))
    assert [headers for headers, _ in held_back] == [late] * 3


def test_what_cannot_be_put_aside_fails_the_batch(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_arguments: object) -> object:
        raise BusUnavailable("gone")

    monkeypatch.setattr(service.bus, "send", away)
    with pytest.raises(BusUnavailable):
        settle(a_delivery(b"poison"))


def test_a_queue_that_is_missing_fails_the_batch(service: Container[Any], broker: Broker) -> None:
    import pika  # noqa: PLC0415 - to break things, here alone

    url = service.settings.rabbitmq_url
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        connection.channel().queue_delete(f"{broker.name}.inbox.parked")
    with pytest.raises(BusUnavailable):
        settle(a_delivery(b"poison"))


def test_what_there_is_no_time_for_goes_to_the_end_of_the_queue(
    broker: Broker, order_id: str
) -> None:
    delivery = a_delivery(payment_captured(order_id), mark="kept")
    late = time.monotonic() + SENDING_SECONDS - 0.1
    assert functions.inbox().settle([delivery], late) == Settled(postponed=1)
    assert broker.take_all(inbox_queue(broker.name)) == [({"mark": "kept"}, delivery.body)]


def test_an_unforeseen_error_is_held_back_and_says_nothing_of_the_event(
    service: Container[Any], broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_invocation: Invocation) -> object:
        raise LookupError("secret of maria")

    failing = Inbox(broker.name, broken, service.bus, [PaymentCapturedV1], {})
    assert failing.settle([a_delivery(payment_captured("x"))], soon()) == Settled(retried=1)
    last = a_delivery(payment_captured("x"), **{"x-attempts": 3})
    assert failing.settle([last], soon()) == Settled(parked=1)
    ((headers, _),) = broker.parked()
    assert headers["x-parked-reason"] == "LookupError"
    assert "maria" not in json.dumps(headers) + caplog.text


def test_an_ignored_event_is_acknowledged_and_not_parked(
    service: Container[Any], broker: Broker
) -> None:
    def unwanted(_invocation: Invocation) -> object:
        raise AssertionError

    event = a_delivery(an_event("post.letter.lost.v1", data={"letter_id": "l-1"}))
    plain = Inbox(broker.name, unwanted, service.bus, [], {})
    assert plain.settle([event], soon()) == Settled(parked=1)
    ignoring = Inbox(
        broker.name, unwanted, service.bus, [], {}, ignored=frozenset({"post.letter.lost.v1"})
    )
    assert ignoring.settle([event], soon()) == Settled(handled=1)
    assert len(broker.parked()) == 1


def test_earlier_versions_are_upcast_step_by_step(service: Container[Any], order_id: str) -> None:
    seen: list[object] = []
    steps = {
        "payments.payment.captured.v0": Upcaster(
            "payments.payment.captured.v1",
            lambda data: {"order_id": data["order"], "payment_reference": data["reference"]},
        ),
        "payments.payment.taken.v1": Upcaster(
            "payments.payment.captured.v0", lambda data: {**data, "reference": "r-1"}
        ),
    }
    subscribed: Sequence[type[IntegrationEvent]] = [PaymentCapturedV1]
    reading = Inbox(
        "x", lambda invocation: seen.append(invocation.contents[0]), service.bus, subscribed, steps
    )
    old = an_event("payments.payment.taken.v1", data={"order": order_id})
    assert reading.settle([a_delivery(old)], soon()) == Settled(handled=1)
    assert seen == [PaymentCapturedV1(order_id=order_id, payment_reference="r-1")]


def test_fields_that_a_publisher_adds_are_ignored(service: Container[Any], order_id: str) -> None:
    event = payment_captured(order_id, partitionkey="7", dataschema="urn:x")
    event["data"]["fee"] = "0.10"
    assert settle(a_delivery(event)) == Settled(handled=1)
    assert service.repository(Order).get(order_id).status is OrderStatus.PAID
