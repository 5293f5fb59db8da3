"""The way of an event, on real servers: nothing lost, each order kept, each fault alone."""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from chalice.test import Client

from carafe.development.event_sources import QueueTrigger
from carafe.development.lambda_context import LambdaContext
from carafe.development.lambda_events import queue_event, queue_message, schedule_event
from carafe.development.pump import QueuePump
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.mongo.outbox_store import (
    EVENTS_A_ROUND,
    MongoOutboxStore,
)
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.port import Message, MessagePublisher, Outcome, Subscription
from carafe.infrastructure.outbox.outbox import envelope_of
from carafe.infrastructure.outbox.relay import Relay
from carafe.testing.contexts import a_context
from carafe.testing.examples import NOON, an_address
from carafe.testing.sqs import Sqs
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.support.orders import a_shipped_order, an_order
from tests.support.products import a_product
from tests.support.schemas import faults_by


def soon() -> float:
    return time.monotonic() + 20


def events(subscription: Subscription, count: int) -> list[dict[str, Any]]:
    """Receive so many events, as their consumers see them."""
    arrived: list[dict[str, Any]] = []
    while len(arrived) < count and (message := subscription.receive(10)):
        subscription.settle(message)
        arrived.append(json.loads(message.body))
    return arrived


def pending(service: Container[Any], collection: str = "orders") -> dict[str, list[int]]:
    """Return the sequences that wait, by document."""
    documents = service.database[collection].find()
    return {each["_id"]: [event["sequence"] for event in each["pending"]] for each in documents}


def store(service: Container[Any]) -> MongoOutboxStore:
    return MongoOutboxStore(service.database["orders"])


def test_events_reach_the_bus_in_order_and_leave_the_outbox(service: Container[Any]) -> None:
    orders = [a_shipped_order() for _ in range(3)]
    for order in orders:
        service.repository(Order).add(order, a_context())
    with service.bus.subscribe(["ordering.#"]) as subscription:
        relayed = service.relay.relay({"orders": [order.id for order in orders]}, soon())
        arrived = events(subscription, 9)
    assert (relayed.events, relayed.unfinished) == (9, set())
    for order in orders:
        mine = [each["sequence"] for each in arrived if each["subject"] == order.id]
        assert mine == [1, 2, 3]
    assert pending(service) == {order.id: [] for order in orders}
    assert service.database["orders"].count_documents({"pending_since": {"$exists": True}}) == 0


def test_an_event_on_the_bus_is_a_cloud_event(service: Container[Any]) -> None:
    order = an_order()
    context = a_context()
    service.repository(Order).add(order, context)
    with service.bus.subscribe(["ordering.order.placed"]) as subscription:
        service.relay.relay({"orders": [order.id]}, soon())
        message = subscription.receive(10)
        assert message is not None
        subscription.settle(message)
    event = json.loads(message.body)
    assert faults_by("cloudevents-1.0.schema.json", event) == []
    assert message.id == event["id"]
    assert event["specversion"] == "1.0"
    assert event["source"] == f"/{service.settings.service_name}"
    assert event["type"] == "ordering.order.placed.v1"
    assert event["causationid"] == context.command_id
    assert event["data"]["total"] == {"amount": "10.00", "currency": "EUR"}


def test_an_entry_of_an_earlier_version_is_published_as_it_was(service: Container[Any]) -> None:
    order = an_order()
    service.repository(Order).add(order, a_context())
    orders = service.database["orders"]
    document = orders.find_one({"_id": order.id})
    assert document is not None
    envelope = envelope_of(document["pending"][0])
    orders.update_one({"_id": order.id}, {"$set": {"pending": [envelope]}})
    with service.bus.subscribe(["ordering.order.placed"]) as subscription:
        assert service.relay.relay({"orders": [order.id]}, soon()).events == 1
        assert events(subscription, 1) == [envelope]
    assert pending(service) == {order.id: []}


def test_what_does_not_exist_or_has_no_events_is_no_fault(service: Container[Any]) -> None:
    """F14, F15: duplicate and late nudges."""
    order = an_order()
    service.repository(Order).add(order, a_context())
    ids = {"orders": [order.id, "gone"], "unheard-of": ["x"], "products": []}
    assert service.relay.relay(ids, soon()).events == 1
    again = service.relay.relay(ids, soon())
    assert (again.events, again.unfinished) == (0, set())


class Faulty:
    """A bus that gives some messages another outcome than the real one."""

    def __init__(self, bus: MessagePublisher, outcomes: Mapping[str, Outcome]) -> None:
        self._bus = bus
        self._outcomes = outcomes

    def publish(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        sent = [each for each in messages if each.id not in self._outcomes]
        outcomes = dict(self._bus.publish(sent, deadline))
        return outcomes | {
            each.id: self._outcomes[each.id] for each in messages if each.id in self._outcomes
        }

    def publish_commands(
        self, messages: Sequence[Message], deadline: float
    ) -> Mapping[str, Outcome]:
        return self._bus.publish_commands(messages, deadline)


@pytest.mark.parametrize("outcome", [Outcome.NACKED, Outcome.RETURNED, Outcome.UNKNOWN])
def test_an_unconfirmed_event_holds_back_its_own_document_alone(
    service: Container[Any], outcome: Outcome
) -> None:
    """F26."""
    held, free = a_shipped_order(), a_shipped_order()
    for order in (held, free):
        service.repository(Order).add(order, a_context())
    document = service.database["orders"].find_one({"_id": held.id})
    assert document is not None
    second = document["pending"][1]["id"]
    relay = Relay({"orders": store(service)}, Faulty(service.bus, {second: outcome}))
    relayed = relay.relay({"orders": [held.id, free.id]}, soon())
    assert relayed.unfinished == {("orders", held.id)}
    assert pending(service) == {held.id: [2, 3], free.id: []}
    with service.bus.subscribe(["ordering.#"]) as subscription:
        service.relay.relay({"orders": [held.id]}, soon())
        assert [each["sequence"] for each in events(subscription, 2)] == [2, 3]


def test_an_event_committed_during_a_wave_survives(service: Container[Any]) -> None:
    """F37: the removal is by id."""
    order = an_order()
    service.repository(Order).add(order, a_context())

    class Meanwhile(Faulty):
        def publish(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
            current = service.repository(Order).get(order.id)
            current.pay("payment-1", at=NOON)
            service.repository(Order).save(current, a_context())
            return super().publish(messages, deadline)

    relay = Relay({"orders": store(service)}, Meanwhile(service.bus, {}))
    relay.relay({"orders": [order.id]}, soon())
    assert pending(service) == {order.id: [2]}
    assert [each.id for each in store(service).overdue(0, 10, None)] == [order.id]


def test_a_document_with_many_events_is_drained_in_rounds(service: Container[Any]) -> None:
    order = an_order()
    for _ in range(EVENTS_A_ROUND + 4):
        order.change_shipping_address(an_address(), at=NOON)
    service.repository(Order).add(order, a_context())
    first = service.relay.relay({"orders": [order.id]}, soon())
    assert (first.events, first.unfinished) == (EVENTS_A_ROUND, {("orders", order.id)})
    second = service.relay.relay({"orders": [order.id]}, soon())
    assert (second.events, second.unfinished) == (5, set())


def test_too_little_time_starts_nothing(service: Container[Any]) -> None:
    """F36: neither a publish nor a connection, whose end could not be awaited."""
    order = an_order()
    service.repository(Order).add(order, a_context())
    with service.bus.subscribe(["#"]) as subscription:
        relayed = service.relay.relay({"orders": [order.id]}, time.monotonic() + 1)
        assert subscription.receive(0.5) is None
    assert (relayed.events, relayed.unfinished) == (0, {("orders", order.id)})
    assert not relayed.bus_failed
    assert pending(service) == {order.id: [1]}


def test_a_lost_bus_keeps_everything(service: Container[Any]) -> None:
    order = an_order()
    service.repository(Order).add(order, a_context())

    class Lost(Faulty):
        def publish(self, _messages: Sequence[Message], _deadline: float) -> Mapping[str, Outcome]:
            raise BusUnavailable("gone")

    relay = Relay({"orders": store(service)}, Lost(service.bus, {}))
    assert relay.relay({"orders": [order.id]}, soon()).bus_failed
    assert relay.sweep(0, soon()).bus_failed
    assert pending(service) == {order.id: [1]}


def test_the_sweep_finds_what_no_nudge_told_and_leaves_the_young(service: Container[Any]) -> None:
    """F02, F13."""
    orders = [an_order() for _ in range(3)]
    for order in orders:
        service.repository(Order).add(order, a_context())
    service.repository(Product).add(a_product(), a_context())
    assert service.relay.sweep(60, soon()).events == 0
    assert service.relay.sweep(0, soon()).events == 4
    assert not any(pending(service).values())


def test_a_sweep_goes_through_more_than_a_batch_and_past_what_is_stuck(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carafe.infrastructure.outbox.relay.SWEEP_BATCH", 2)
    orders = [an_order() for _ in range(7)]
    for order in orders:
        service.repository(Order).add(order, a_context())
    documents = service.database["orders"].find({"_id": {"$in": [orders[0].id, orders[1].id]}})
    stuck = {each["pending"][0]["id"]: Outcome.NACKED for each in documents}
    swept = Relay({"orders": store(service)}, Faulty(service.bus, stuck)).sweep(0, soon())
    assert swept.events == 5
    assert swept.unfinished == {("orders", orders[0].id), ("orders", orders[1].id)}


def test_a_document_that_fits_no_rule_any_more_stops_no_other(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("carafe.infrastructure.outbox.relay.SWEEP_BATCH", 2)
    orders = [an_order() for _ in range(5)]
    for order in orders:
        service.repository(Order).add(order, a_context())
    service.repository(Product).add(a_product(), a_context())
    misfit = orders[0].id
    service.database["orders"].update_one(
        {"_id": misfit}, {"$set": {"status": "lost"}}, bypass_document_validation=True
    )
    service.relay.sweep(0, soon())
    waiting = {each for each, sequences in pending(service).items() if sequences}
    assert waiting == {misfit}
    assert not any(pending(service, "products").values())
    assert "documents are invalid" in caplog.text


def test_a_misfit_that_must_be_parked_stops_no_other(service: Container[Any]) -> None:
    orders = [an_order() for _ in range(2)]
    for order in orders:
        service.repository(Order).add(order, a_context())
    service.database["orders"].update_one(
        {"_id": orders[0].id},
        {"$set": {"status": "lost"}, "$unset": {"pending.0.type": ""}},
        bypass_document_validation=True,
    )
    assert service.relay.sweep(0, soon()).events == 1


def test_a_tombstone_goes_some_time_after_its_last_event(service: Container[Any]) -> None:
    """F11."""
    product = a_product()
    service.repository(Product).add(product, a_context())
    product.discontinue(at=NOON)
    service.repository(Product).delete(product, a_context())
    with service.bus.subscribe(["ordering.product.*"]) as subscription:
        service.relay.relay({"products": [product.id]}, soon())
        assert [each["sequence"] for each in events(subscription, 2)] == [1, 2]
    document = service.database["products"].find_one({"_id": product.id})
    assert document is not None
    assert document["expires_at"] > document["deleted_at"]


# The functions, called as Lambda calls them.


def records(*bodies: object) -> dict[str, Any]:
    """Return the event that SQS sends, with a message id of its own for each record."""
    texts = [body if isinstance(body, str) else json.dumps(body) for body in bodies]
    messages = [queue_message(text, number) for number, text in enumerate(texts)]
    return queue_event("arn:aws:sqs:us-east-1:000000000000:nudges", messages)


def bridge(api: Client, event: dict[str, Any]) -> set[str]:
    """Call the bridge and return the messages that it gives back."""
    answer: dict[str, Any] = api.lambda_.invoke("bridge", event).payload
    return {each["itemIdentifier"] for each in answer["batchItemFailures"]}


@pytest.mark.usefixtures("with_time_left")
def test_the_bridge_returns_only_what_failed(api: Client, service: Container[Any]) -> None:
    """F16, F18: nine of eleven are done, two come back."""
    orders = [an_order() for _ in range(8)]
    for order in orders:
        service.repository(Order).add(order, a_context())
    nudges = [{"collection": "orders", "id": order.id} for order in orders]
    event = records(*nudges, "no json", {"collection": "orders"}, {"collection": "x", "id": "y"})
    assert bridge(api, event) == {"m-8", "m-9"}
    assert not any(pending(service).values())


@pytest.mark.usefixtures("with_time_left")
def test_the_bridge_returns_every_nudge_of_an_unfinished_document(
    api: Client, service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    order, other = an_order(), an_order()
    for each in (order, other):
        service.repository(Order).add(each, a_context())
    document = service.database["orders"].find_one({"_id": order.id})
    assert document is not None
    nacked = {document["pending"][0]["id"]: Outcome.NACKED}
    faulty = Relay({"orders": store(service)}, Faulty(service.bus, nacked))
    monkeypatch.setattr(service, "relay", faulty)
    nudges = [{"collection": "orders", "id": each.id} for each in (order, other, order)]
    assert bridge(api, records(*nudges)) == {"m-0", "m-2"}


@pytest.mark.usefixtures("with_time_left")
def test_the_sweep_is_a_function(api: Client, service: Container[Any]) -> None:
    service.repository(Order).add(an_order(), a_context())
    answer = api.lambda_.invoke("sweep", schedule_event("sweep")).payload
    assert answer == {"nudged": 0, "relayed": 1, "unfinished": 0}


@pytest.mark.usefixtures("with_time_left")
def test_whatever_becomes_of_timers_the_sweep_relays_events(
    api: Client, service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def sweep(self, _deadline: float) -> None:
            raise LookupError("timers")

    order = an_order()
    service.repository(Order).add(order, a_context())
    monkeypatch.setattr(service, "timer_sweep", Broken())
    with pytest.raises(LookupError, match="timers"):
        api.lambda_.invoke("sweep", schedule_event("sweep"))
    assert pending(service) == {order.id: []}


def test_a_command_nudges_the_bridge_through_sqs(
    service: Container[Any], sqs: Sqs, nudges: QueueTrigger
) -> None:
    from app import bridge as function  # noqa: PLC0415 - after the environment is set

    order = an_order()
    service.repository(Order).add(order, a_context())
    pump = QueuePump(sqs.client, sqs.url(nudges.queue), nudges, function)
    assert pump.step() == 1
    assert pending(service) == {order.id: []}
    assert sqs.count(nudges.queue) == 0


def test_a_command_succeeds_without_its_queue(
    service: Container[Any], sqs: Sqs, nudges: QueueTrigger
) -> None:
    """F13, F21."""
    sqs.client.delete_queue(QueueUrl=sqs.url(nudges.queue))
    order = an_order()
    assert service.repository(Order).add(order, a_context()).version == 1
    assert service.relay.sweep(0, soon()).events == 1


def test_the_context_counts_down() -> None:
    assert 0 < LambdaContext("bridge", 5).get_remaining_time_in_millis() <= 5_000
    assert LambdaContext("bridge", -1).get_remaining_time_in_millis() == 0
