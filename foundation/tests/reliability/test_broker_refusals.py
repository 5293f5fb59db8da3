"""A broker that refuses: events stay in their outboxes, and the next relay goes on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pika
import pytest
import urllib3
from pika.adapters.blocking_connection import BlockingChannel

from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.infrastructure.errors import BusUnavailable, EventTooLarge
from carafe.infrastructure.event_bus.names import events_exchange
from carafe.infrastructure.event_bus.port import Message
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.infrastructure.identifiers import new_id
from carafe.testing.contexts import a_context
from chalicelib.domain.order import Order
from tests.support.orders import an_order
from tests.support.outboxes import add_order, deliveries, in_seconds, pending_sequences, relay


@contextmanager
def channel_of(service: Container[Any]) -> Iterator[BlockingChannel]:
    with pika.BlockingConnection(pika.URLParameters(service.settings.rabbitmq_url)) as connection:
        yield connection.channel()


def test_a_queue_that_refuses_keeps_events_in_their_outboxes(service: Container[Any]) -> None:
    """F26: real nacks. A quorum queue gives none; a full classic one does."""
    name = f"full-{new_id()}"
    arguments = {"x-max-length": 2, "x-overflow": "reject-publish"}
    with channel_of(service) as channel:
        channel.queue_declare(name, exclusive=True, arguments=arguments)
        channel.queue_bind(name, events_exchange(service.settings.service_name), "#")
        order_ids = [add_order(service, 3) for _ in range(4)]
        first = relay(service, *order_ids)
        assert 0 < first.events < 12
        assert first.unfinished
        for order_id in order_ids:
            left = pending_sequences(service, order_id)
            assert left == [1, 2, 3][3 - len(left) :]
        with service.bus.subscribe(["#"]) as subscription:
            channel.queue_delete(name)
            relay(service, *order_ids)
            assert not any(pending_sequences(service, order_id) for order_id in order_ids)
            again, _ = deliveries(subscription)
        assert all(each == sorted(each) for each in again.values())


def test_a_missing_exchange_keeps_events_and_the_next_relay_goes_on(
    service: Container[Any],
) -> None:
    """F31: the broker closes the channel; it is made anew."""
    exchange = events_exchange(service.settings.service_name)
    order_id = add_order(service, 2)
    relay(service, add_order(service))
    with channel_of(service) as channel:
        channel.exchange_delete(exchange)
    lost = relay(service, order_id)
    assert (lost.events, pending_sequences(service, order_id)) == (0, [1, 2])
    service.prepare_bus()
    assert relay(service, order_id).events == 2


def test_a_message_that_no_queue_keeps_is_returned_and_stays(service: Container[Any]) -> None:
    """G4: without the alternate exchange a confirm says nothing about a queue."""
    exchange = events_exchange(service.settings.service_name)
    with channel_of(service) as channel:
        channel.exchange_delete(exchange)
        channel.exchange_declare(exchange, "topic", durable=True)
        order_id = add_order(service)
        result = relay(service, order_id)
        assert (result.events, result.returned, pending_sequences(service, order_id)) == (0, 1, [1])


def test_a_confirmed_event_outlives_a_restart_of_any_durable_queue(
    service: Container[Any],
) -> None:
    """G4: a classic queue forgets whatever is not persistent."""
    name = f"classic-{new_id()}"
    with channel_of(service) as channel:
        channel.queue_declare(name, durable=True)
        channel.queue_bind(name, events_exchange(service.settings.service_name), "#")
        try:
            assert relay(service, add_order(service)).events == 1
            _, properties, _ = channel.basic_get(name, auto_ack=True)
        finally:
            channel.queue_delete(name)
    assert properties is not None
    assert properties.delivery_mode == pika.DeliveryMode.Persistent.value


def management(stack: Stack, method: str, path: str, **body: Any) -> Any:  # noqa: ANN401 - any JSON
    """Call the broker's management API."""
    url = stack.environment["RABBITMQ_MANAGEMENT_URL"] + "/api/" + path
    headers = urllib3.make_headers(basic_auth="guest:guest")
    answer = urllib3.request(method, url, headers=headers, json=body or None)
    assert answer.status < 300, answer.data
    return answer.json() if answer.data else None


def test_too_many_connections_keep_events_and_the_next_relay_goes_on(
    stack: Stack, service: Container[Any]
) -> None:
    """F35."""
    order_id = add_order(service)
    limit = f"vhost-limits/{quote('/', safe='')}/max-connections"
    management(stack, "PUT", limit, value=0)
    try:
        result = relay(service, order_id)
    finally:
        management(stack, "DELETE", limit)
    assert (result.bus_failed, result.unfinished) == (True, {("orders", order_id)})
    assert relay(service, order_id).events == 1


def test_an_event_that_is_too_large_is_refused_before_it_is_committed(
    service: Container[Any],
) -> None:
    """F33."""
    order = an_order(lines=100)
    event = order.recorded[0]
    object.__setattr__(event, "lines", event.lines * 40)  # type: ignore[union-attr] # frozen
    with pytest.raises(EventTooLarge):
        service.repository(Order).add(order, a_context())
    assert service.database["orders"].count_documents({}) == 0


def test_an_unreachable_broker_is_told_once(service: Container[Any]) -> None:
    bus = RabbitMQBus("amqp://guest:guest@127.0.0.1:9/%2F", service.settings.service_name)
    with pytest.raises(BusUnavailable):
        bus.publish([Message(new_id(), "a.b.c.v1", "a.b.c", b"{}")], in_seconds(5))
