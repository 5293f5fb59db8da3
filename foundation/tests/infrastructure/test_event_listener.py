"""Other services receive events as typed messages, from either bus."""

import json
import socket
import threading
import time
from contextlib import suppress
from typing import Any

import pika
import pytest
from msgspec import convert

from carafe.client import sequences
from carafe.client.errors import EventUnreadable, SubscriptionLost
from carafe.client.events import EventListener
from carafe.contracts.correlation import correlation_headers
from carafe.contracts.envelope import CloudEvent
from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.memory import MemoryBus
from carafe.infrastructure.event_bus.port import EventBus, Message
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.infrastructure.identifiers import new_id
from carafe.testing.contexts import a_context
from chalicelib.contracts.integration_events import OrderCancelledV1, OrderPlacedV1
from chalicelib.domain.order import Order
from tests.support.orders import an_order

ReceivedEvents = list[tuple[IntegrationEvent, CloudEvent]]

CANCELLED = {"order_id": "order-1", "reason": "no longer needed", "payment_reference": None}


@pytest.fixture
def queue() -> str:
    """A queue that no other test uses."""
    return f"billing.{new_id()}"


ENVELOPE = {
    "specversion": "1.0",
    "id": "event-1",
    "source": "/ordering",
    "type": OrderCancelledV1.wire_type,
    "subject": "order-1",
    "time": "2026-03-01T12:00:00Z",
    "datacontenttype": "application/json",
    "sequence": 1,
    "correlationid": "request-7",
    "causationid": "command-1",
    "data": CANCELLED,
}


def publish(bus: EventBus, **changes: object) -> str:
    """Publish an event and return its id."""
    envelope = ENVELOPE | {"id": new_id()} | changes
    return send(bus, json.dumps(envelope).encode(), str(envelope["id"]))


def send(bus: EventBus, body: bytes, identifier: str) -> str:
    wire_type = OrderCancelledV1.wire_type
    message = Message(identifier, wire_type, routing_key(wire_type), body)
    bus.publish([message], time.monotonic() + 10)
    return identifier


def test_what_the_service_publishes_arrives_typed(service: Container[Any]) -> None:
    """The whole way: an order is stored, its event relayed, received and read."""
    received: ReceivedEvents = []
    listener = EventListener(service.bus)
    listener.on(OrderPlacedV1, lambda event, envelope: received.append((event, envelope)))
    order = an_order("maria")
    context = a_context()
    with listener:
        service.repository(Order).add(order, context)
        service.relay.sweep(0, time.monotonic() + 20)
        assert listener.handle_next(20)
    ((event, envelope),) = received
    assert isinstance(event, OrderPlacedV1)
    assert (event.order_id, event.customer_id) == (order.id, "maria")
    assert event.total.to_domain() == order.total
    assert (envelope.subject, envelope.sequence) == (order.id, 1)
    assert envelope.correlationid == context.correlation_id


def test_an_event_goes_to_the_handler_of_its_type(bus: EventBus) -> None:
    placed: list[Any] = []
    cancelled: list[OrderCancelledV1] = []
    listener = EventListener(bus)
    listener.on(OrderPlacedV1, lambda event, _: placed.append(event))
    listener.on(OrderCancelledV1, lambda event, _: cancelled.append(event))
    with listener:
        publish(bus)
        assert listener.handle_next(20)
        assert not listener.handle_next(0.1)
    assert placed == []
    assert cancelled == [OrderCancelledV1(**CANCELLED)]  # type: ignore[arg-type]


def test_what_nobody_asked_for_is_not_received(bus: EventBus) -> None:
    listener = EventListener(bus)
    listener.on(OrderPlacedV1, lambda event, envelope: pytest.fail(f"{event} {envelope}"))
    with listener:
        publish(bus)
        assert not listener.handle_next(0.5)


def test_a_new_field_does_no_harm(bus: EventBus) -> None:
    received: list[OrderCancelledV1] = []
    listener = EventListener(bus)
    listener.on(OrderCancelledV1, lambda event, _: received.append(event))
    with listener:
        publish(bus, data=CANCELLED | {"refund": "full"}, newextension="x")
        assert listener.handle_next(20)
    assert received == [OrderCancelledV1(**CANCELLED)]  # type: ignore[arg-type]


def test_calls_that_a_handler_makes_follow_from_the_event(bus: EventBus) -> None:
    sent: list[dict[str, str]] = []
    listener = EventListener(bus)
    listener.on(OrderCancelledV1, lambda *_: sent.append(correlation_headers()))
    with listener:
        publish(bus, traceparent="00-trace")
        assert listener.handle_next(20)
    assert sent == [{"X-Correlation-Id": "request-7", "traceparent": "00-trace"}]
    assert correlation_headers() == {}


def test_what_comes_while_nobody_listens_is_kept_in_a_named_queue(
    bus: EventBus, queue: str
) -> None:
    with listening(bus, queue, []):
        pass
    identifier = publish(bus)
    received: list[str] = []
    with listening(bus, queue, received) as listener:
        assert listener.handle_next(20)
        assert not listener.handle_next(0.1)
    assert received == [identifier]


def listening(bus: EventBus, queue: str, received: list[str]) -> EventListener:
    listener = EventListener(bus, queue)
    listener.on(OrderCancelledV1, lambda _, envelope: received.append(envelope.id))
    return listener


def test_an_event_whose_handler_fails_comes_again(bus: EventBus, queue: str) -> None:
    def fails(_event: OrderCancelledV1, _envelope: CloudEvent) -> None:
        raise ConnectionError("the books are closed")

    failing = EventListener(bus, queue)
    failing.on(OrderCancelledV1, fails)
    with failing:
        identifier = publish(bus)
        with pytest.raises(ConnectionError):
            failing.handle_next(20)
    received: list[str] = []
    with listening(bus, queue, received) as listener:
        assert listener.handle_next(20)
    assert received == [identifier]


UNREADABLE: dict[str, tuple[bytes, str]] = {
    "no JSON": (b"{", "is not a CloudEvent"),
    "no CloudEvent": (b'{"id": 7}', "is not a CloudEvent"),
    "another version": (
        json.dumps(ENVELOPE | {"type": "ordering.order.cancelled.v2"}).encode(),
        "Event event-1 has the type ordering.order.cancelled.v2",
    ),
    "a missing field": (
        json.dumps(ENVELOPE | {"data": {"order_id": "order-1"}}).encode(),
        "Event event-1 does not fit ordering.order.cancelled.v1",
    ),
}


@pytest.mark.parametrize("case", UNREADABLE)
def test_an_event_that_cannot_be_read_is_parked_and_its_neighbours_go_on(
    bus: EventBus, queue: str, case: str
) -> None:
    body, reason = UNREADABLE[case]
    parked: list[tuple[bytes, str]] = []
    received: list[str] = []
    listener = EventListener(bus, queue, park=lambda *what: parked.append(what))
    listener.on(OrderCancelledV1, lambda _, envelope: received.append(envelope.id))
    with listener:
        send(bus, body, new_id())
        neighbour = publish(bus)
        assert listener.handle_next(20)
        assert listener.handle_next(20)
    assert received == [neighbour]
    ((parked_body, parked_reason),) = parked
    assert parked_body == body
    assert reason in parked_reason
    with listening(bus, queue, []) as again:
        assert not again.handle_next(0.1)


def test_without_a_place_to_park_an_unreadable_event_stays(bus: EventBus, queue: str) -> None:
    with listening(bus, queue, []) as listener:
        send(bus, b"{", new_id())
        with pytest.raises(EventUnreadable):
            listener.handle_next(20)
    parked: list[bytes] = []
    later = EventListener(bus, queue, park=lambda body, _: parked.append(body))
    later.on(OrderCancelledV1, lambda *_: None)
    with later:
        assert later.handle_next(20)
    assert parked == [b"{"]


def test_it_runs_until_it_is_told_to_stop(bus: EventBus) -> None:
    stop = threading.Event()
    listener = EventListener(bus)
    received: list[str] = []

    def handle(_event: OrderCancelledV1, envelope: CloudEvent) -> None:
        received.append(envelope.id)
        if len(received) == 2:
            stop.set()

    listener.on(OrderCancelledV1, handle)
    with listener:
        sent = [publish(bus) for _ in range(3)]
        listener.run(stop)
    assert received == sent[:2]


def test_misuse_is_told() -> None:
    listener = EventListener(MemoryBus())
    listener.on(OrderPlacedV1, lambda *_: None)
    with pytest.raises(ValueError, match="Register one handler"):
        listener.on(OrderPlacedV1, lambda *_: None)
    with pytest.raises(RuntimeError, match="with"):
        listener.handle_next(0)
    with listener, pytest.raises(ValueError, match="before the subscription"):
        listener.on(OrderCancelledV1, lambda *_: None)


# A subscription that ends


def delete_queue(service: Container[Any], queue: str) -> None:
    with pika.BlockingConnection(pika.URLParameters(service.settings.rabbitmq_url)) as connection:
        connection.channel().queue_delete(queue)


def test_a_queue_that_is_deleted_ends_the_subscription(service: Container[Any], queue: str) -> None:
    received: list[str] = []
    with listening(service.bus, queue, received) as listener:
        assert not listener.handle_next(0.1)
        delete_queue(service, queue)
        for _ in range(3):
            with pytest.raises(SubscriptionLost, match="subscribe anew"):
                listener.handle_next(5)
    with listener:
        identifier = publish(service.bus)
        assert listener.handle_next(20)
    assert received == [identifier]


def test_a_queue_that_is_deleted_while_its_event_is_handled(
    service: Container[Any], queue: str
) -> None:
    listener = EventListener(service.bus, queue)
    listener.on(OrderCancelledV1, lambda *_: delete_queue(service, queue))
    with listener:
        publish(service.bus)
        with pytest.raises(SubscriptionLost):
            listener.run(threading.Event())


def test_a_lost_connection_ends_the_subscription(service: Container[Any], queue: str) -> None:
    received: list[str] = []
    with listening(service.bus, queue, received) as listener:
        assert not listener.handle_next(0.1)
        subscription: Any = listener._subscription  # noqa: SLF001 - to break what stands
        transport = subscription._channel.connection._impl._transport  # noqa: SLF001 - the same
        transport._sock.shutdown(socket.SHUT_RDWR)  # noqa: SLF001 - the same
        for _ in range(2):
            with pytest.raises(SubscriptionLost):
                listener.handle_next(20)
    with listener:
        identifier = publish(service.bus)
        assert listener.handle_next(20)
    assert received == [identifier]


def test_without_a_broker_there_is_no_subscription(queue: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    listener = listening(RabbitMQBus(f"amqp://a:b@127.0.0.1:{port}", "ordering"), queue, [])
    with pytest.raises(SubscriptionLost), listener:
        pytest.fail("there is no broker")


def test_a_handler_may_take_longer_than_the_heartbeats(service: Container[Any], queue: str) -> None:
    """A connection without heartbeats is given up by the broker, and its events come again."""
    url, name = service.settings.rabbitmq_url, service.settings.service_name
    bus = RabbitMQBus(url, name, heartbeat_seconds=1)
    received: list[str] = []

    def handle(_event: OrderCancelledV1, envelope: CloudEvent) -> None:
        received.append(envelope.id)
        time.sleep(6)

    slow = EventListener(bus, queue)
    slow.on(OrderCancelledV1, handle)
    with slow:
        identifier = publish(service.bus)
        assert slow.handle_next(20)
        assert not slow.handle_next(0.5)
    with listening(service.bus, queue, received) as listener:
        assert not listener.handle_next(0.5)
    assert received == [identifier]


def test_more_failures_than_are_fetched_ahead_do_not_hold_up_the_others(
    service: Container[Any], queue: str
) -> None:
    received: list[str] = []

    def handle(_event: OrderCancelledV1, envelope: CloudEvent) -> None:
        if envelope.subject == "poison":
            raise LookupError(envelope.id)
        received.append(envelope.id)

    listener = EventListener(service.bus, queue)
    listener.on(OrderCancelledV1, handle)
    with listener:
        for _ in range(8):
            publish(service.bus, subject="poison")
        identifier = publish(service.bus)
        for _ in range(9):
            with suppress(LookupError):
                listener.handle_next(5)
    assert received == [identifier]


def test_an_event_out_of_its_order_is_reported(bus: EventBus) -> None:
    """It comes again, late, or after one that was missed."""
    unexpected: list[tuple[int, int]] = []
    listener = EventListener(
        bus,
        on_unexpected_sequence=lambda event, latest: unexpected.append((event.sequence, latest)),
    )
    listener.on(OrderCancelledV1, lambda *_: None)
    published = [3, 4, 4, 7, 5, 8]
    with listener:
        for sequence in published:
            publish(bus, sequence=sequence)
        publish(bus, sequence=1, subject="another")
        publish(bus, sequence=1, source="/another")
        for _ in range(len(published) + 2):
            assert listener.handle_next(20)
    assert unexpected == [(4, 4), (7, 4), (5, 7)]


def test_an_event_whose_handler_failed_is_expected_again(bus: EventBus, queue: str) -> None:
    unexpected: list[int] = []
    outcomes = iter([None, LookupError(), None])

    def handle(_event: OrderCancelledV1, _envelope: CloudEvent) -> None:
        if error := next(outcomes):
            raise error

    listener = EventListener(
        bus, queue, on_unexpected_sequence=lambda event, _latest: unexpected.append(event.sequence)
    )
    listener.on(OrderCancelledV1, handle)
    with listener:
        publish(bus, sequence=1)
        publish(bus, sequence=2)
        assert listener.handle_next(20)
        with pytest.raises(LookupError):
            listener.handle_next(20)
    with listener:
        assert listener.handle_next(20)
    assert unexpected == []


def test_the_subjects_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequences, "MOST_SUBJECTS", 2)
    watched = sequences.Sequences()
    events = [
        convert(ENVELOPE | {"subject": subject, "sequence": 1}, CloudEvent)
        for subject in ("a", "b", "a", "c")
    ]
    for event in events:
        watched.record(event)
    latest = {each.subject: watched.latest_if_unexpected(each) for each in events}
    assert latest == {"a": 1, "b": None, "c": 1}


@pytest.mark.parametrize(
    "url", ["", "?", "amqp://", "amqp://user@host", "http://host", "host:5672"]
)
def test_a_malformed_address_is_refused(url: str) -> None:
    """Pika would connect to localhost."""
    with pytest.raises(ValueError, match="must be amqp://"):
        RabbitMQBus(url, "ordering")
