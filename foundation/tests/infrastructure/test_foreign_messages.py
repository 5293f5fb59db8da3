"""Whatever other services put around their events: each message is handled or parked by itself."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pika
import pytest

from app import consume, functions
from carafe.client.events import EventListener
from carafe.development.cli import main
from carafe.development.inbox_pump import InboxPump
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.delivery import Delivery
from carafe.infrastructure.event_bus.names import (
    RETRY_DELAYS_SECONDS,
    events_exchange,
    inbox_queue,
    parked_queue,
    retry_queue,
    unrouted_queue,
)
from carafe.infrastructure.identifiers import new_id
from carafe.testing.contexts import a_context
from carafe.testing.inbound import Broker
from chalicelib.contracts.integration_events import OrderCancelledV1
from chalicelib.domain.order import Order, OrderStatus
from tests.support.command_runner import CommandRunner
from tests.support.foreign_messages import FOREIGN
from tests.support.inbound import payment_captured
from tests.support.orders import an_order


@pytest.fixture
def pump(service: Container[Any], broker: Broker) -> InboxPump:
    """What feeds the inbox to `consume`."""
    return InboxPump(service.settings.rabbitmq_url, inbox_queue(broker.name), consume)


@pytest.fixture
def victim(service: Container[Any]) -> Iterator[str]:
    """A queue of somebody else."""
    name = f"victim-{new_id()}"
    with pika.BlockingConnection(pika.URLParameters(service.settings.rabbitmq_url)) as connection:
        channel = connection.channel()
        channel.queue_declare(name)
        yield name
        channel.queue_delete(name)


def an_order_id(service: Container[Any]) -> str:
    order = an_order()
    service.repository(Order).add(order, a_context())
    return order.id


def run(*arguments: str) -> str:
    result = CommandRunner().invoke(main, ["parked", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def encoded(event: object) -> bytes:
    return json.dumps(event).encode()


def test_an_event_is_handled_whatever_is_around_it(
    service: Container[Any], broker: Broker, pump: InboxPump
) -> None:
    """F52: the body is right, and nothing else is needed."""
    order_ids = {case: an_order_id(service) for case in [*FOREIGN, "a neighbour"]}
    for case, order_id in order_ids.items():
        properties = FOREIGN.get(case, pika.BasicProperties())  # type: ignore[no-untyped-call]
        broker.put_raw(inbox_queue(broker.name), encoded(payment_captured(order_id)), properties)
    while pump.step():
        pass
    orders = service.repository(Order)
    unpaid = [
        case
        for case, order_id in order_ids.items()
        if orders.get(order_id).status is not OrderStatus.PAID
    ]
    assert (unpaid, broker.count(), broker.parked()) == ([], 0, [])


def test_an_unreadable_event_is_parked_listed_shown_redriven_and_discarded(
    service: Container[Any], broker: Broker, pump: InboxPump
) -> None:
    """F52, F54: and its neighbour is handled."""
    order_id = an_order_id(service)
    for case, properties in FOREIGN.items():
        broker.put_raw(inbox_queue(broker.name), encoded({"id": case}), properties)
    broker.put(inbox_queue(broker.name), encoded(payment_captured(order_id)))
    while pump.step():
        pass
    assert service.repository(Order).get(order_id).status is OrderStatus.PAID
    assert run("list").count("malformed") == len(FOREIGN)
    for case in FOREIGN:
        assert "x-parked-reason: malformed" in run("show", case)
    run("redrive", "--all")
    broker.wait_for(len(FOREIGN), inbox_queue(broker.name))
    assert broker.count(parked_queue(broker.name)) == 0
    assert pump.step() == len(FOREIGN)
    run("discard", "--reason", "malformed")
    assert (broker.count(), broker.count(parked_queue(broker.name))) == (0, 0)


@pytest.mark.parametrize("queue", ["inbox", "unrouted"])
def test_what_the_broker_itself_put_aside_is_redriven(broker: Broker, queue: str) -> None:
    """F52: with all properties as their publisher wrote them."""
    name = {"inbox": parked_queue, "unrouted": unrouted_queue}[queue](broker.name)
    for case, properties in FOREIGN.items():
        broker.put_raw(name, encoded({"id": case, "type": "a.b.c.v1"}), properties)
    listing = run("list", "--queue", queue)
    for case in FOREIGN:
        assert f"{case} " in listing
        run("show", case, "--queue", queue)
    run("redrive", "--queue", queue, "--all")
    # An event for which there is no queue comes back.
    broker.wait_for(len(FOREIGN), name if queue == "unrouted" else inbox_queue(broker.name))
    broker.wait_for(len(FOREIGN) if queue == "unrouted" else 0, name)
    run("discard", "--queue", queue, "--all")
    broker.wait_for(0, name)


def test_properties_that_the_broker_acts_upon_do_not_go_back(broker: Broker) -> None:
    """It refuses the name of another user, and drops a message that has expired."""
    properties = {"user_id": "guest", "reply_to": "x", "priority": 9, "app_id": "theirs"}
    broker.put(parked_queue(broker.name), b'{"id": "strange"}', **properties)
    run("redrive", "--all")
    (arrived,) = broker.take_properties(inbox_queue(broker.name))
    kept = (arrived.user_id, arrived.reply_to, arrived.priority, arrived.expiration)
    assert (kept, arrived.app_id) == ((None,) * 4, "theirs")


def test_an_id_that_no_terminal_can_show_is_escaped(broker: Broker) -> None:
    body = rb'{"id": "\ud800\u001b[2J", "type": {"a": 1}, "subject": "a\nb", "sequence": "\ud800"}'
    broker.put(parked_queue(broker.name), body, headers={"h": "\x1b[2J"})
    listing, shown = run("list"), run("show", "\\ud800")
    assert listing.startswith("\\ud800\\x1b[2J    a\\nb")
    assert "\x1b" not in listing + shown
    run("discard", "--id", "\\ud800")
    assert broker.count(parked_queue(broker.name)) == 0


@pytest.mark.parametrize("name", ["CC", "BCC"])
@pytest.mark.parametrize("body", [b"{", encoded(payment_captured("no-such-order"))])
def test_what_is_put_aside_goes_nowhere_else(
    broker: Broker, victim: str, name: str, body: bytes
) -> None:
    """F54: held back or parked, there is one copy, in the service's own queue."""
    delivery = Delivery(body=body, headers={name: [victim, inbox_queue(broker.name)]})
    functions.inbox().settle([delivery], time.monotonic() + 30)
    assert (broker.count(), broker.count(victim)) == (0, 0)


@pytest.mark.parametrize("name", ["CC", "BCC"])
def test_what_is_redriven_goes_nowhere_else(broker: Broker, victim: str, name: str) -> None:
    """F54: a message with such a header that is parked already."""
    queues = [victim, inbox_queue(broker.name)]
    broker.put(parked_queue(broker.name), b'{"id": "strange"}', headers={name: queues})
    for queue in queues:
        broker.take_all(queue)
    # The broker itself removes BCC.
    assert (victim in run("show", "strange")) == (name == "CC")
    run("redrive", "--id", "strange")
    broker.wait_for(1)
    assert broker.count(victim) == 0


def test_what_the_broker_itself_sends_back_goes_nowhere_else(broker: Broker, victim: str) -> None:
    """F54: a dead letter, by the default exchange that the queues' arguments name."""
    retrying = retry_queue(broker.name, RETRY_DELAYS_SECONDS[0])
    broker.put(retrying, b"{", headers={"CC": [victim]})
    assert len(broker.take_all(victim)) == 1
    broker.wait_for(1)
    assert broker.count(victim) == 0


def test_a_listener_receives_an_event_whatever_is_around_it(service: Container[Any]) -> None:
    """F52: on the side of the clients."""
    parked: list[str] = []
    listener = EventListener(service.bus, park=lambda body, _reason: parked.append(body.decode()))
    listener.on(OrderCancelledV1, lambda *_: None)
    url, exchange = service.settings.rabbitmq_url, events_exchange(service.settings.service_name)
    with listener, pika.BlockingConnection(pika.URLParameters(url)) as connection:
        channel = connection.channel()
        for case, properties in FOREIGN.items():
            channel.basic_publish(exchange, "ordering.order.cancelled", case.encode(), properties)
        while listener.handle_next(2):
            pass
    assert parked == list(FOREIGN)
