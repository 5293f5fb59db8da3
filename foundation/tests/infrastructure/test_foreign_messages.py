"""Whatever other services put around their events: each message is handled or parked by itself."""

import json
from collections.abc import Iterator
from typing import Any

import pika
import pytest
from click.testing import CliRunner

from carafe.client.events import EventListener
from carafe.development.cli import main
from carafe.development.inbox_pump import InboxPump
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.names import (
    events_exchange,
    inbox_queue,
    parked_queue,
    unrouted_queue,
)
from carafe.testing.contexts import a_context
from carafe.testing.inbound import Broker
from chalicelib.contracts.integration_events import OrderCancelledV1
from chalicelib.domain.order import Order, OrderStatus
from tests.support.foreign_messages import FOREIGN, RawProperties, header, sized
from tests.support.inbound import payment_captured
from tests.support.orders import an_order


@pytest.fixture
def broker(service: Container[Any]) -> Broker:
    """The queues of the service."""
    return Broker(service)


@pytest.fixture
def pump(service: Container[Any], broker: Broker) -> InboxPump:
    """What feeds the inbox to `consume`."""
    from app import consume  # noqa: PLC0415 - after the environment is set

    return InboxPump(service.settings.rabbitmq_url, inbox_queue(broker.name), consume)


@pytest.fixture
def victim(service: Container[Any]) -> Iterator[str]:
    """A queue of somebody else."""
    with pika.BlockingConnection(pika.URLParameters(service.settings.rabbitmq_url)) as connection:
        name: str = connection.channel().queue_declare("", exclusive=True).method.queue
        yield name


def an_order_id(service: Container[Any]) -> str:
    order = an_order()
    service.repository(Order).add(order, a_context())
    return order.id


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["parked", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def encoded(event: object) -> bytes:
    return json.dumps(event).encode()


@pytest.mark.parametrize("case", FOREIGN)
def test_an_event_is_handled_whatever_is_around_it(
    service: Container[Any], broker: Broker, pump: InboxPump, case: str
) -> None:
    """F52: the body is right, and nothing else is needed."""
    first, second = an_order_id(service), an_order_id(service)
    broker.put_raw(inbox_queue(broker.name), encoded(payment_captured(first)), FOREIGN[case])
    broker.put(inbox_queue(broker.name), encoded(payment_captured(second)))
    while pump.step():
        pass
    for order_id in (first, second):
        assert service.repository(Order).get(order_id).status is OrderStatus.PAID
    assert (broker.count(), broker.parked()) == (0, [])


@pytest.mark.parametrize("case", FOREIGN)
def test_an_unreadable_event_is_parked_listed_shown_redriven_and_discarded(
    service: Container[Any], broker: Broker, pump: InboxPump, case: str
) -> None:
    """F52, F54: and its neighbour is handled."""
    order_id = an_order_id(service)
    broker.put_raw(inbox_queue(broker.name), b'{"id": "strange"}', FOREIGN[case])
    broker.put(inbox_queue(broker.name), encoded(payment_captured(order_id)))
    while pump.step():
        pass
    assert service.repository(Order).get(order_id).status is OrderStatus.PAID
    assert run("list").count("malformed") == 1
    assert "x-parked-reason: malformed" in run("show", "strange")
    run("redrive", "--all")
    assert (broker.count(), broker.count(parked_queue(broker.name))) == (1, 0)
    assert pump.step() == 1
    run("discard", "--reason", "malformed")
    assert (broker.count(), broker.count(parked_queue(broker.name))) == (0, 0)


@pytest.mark.parametrize("queue", ["inbox", "unrouted"])
@pytest.mark.parametrize("case", FOREIGN)
def test_what_the_broker_itself_put_aside_is_redriven(
    broker: Broker, queue: str, case: str
) -> None:
    """F52: with all properties as their publisher wrote them."""
    name = {"inbox": parked_queue, "unrouted": unrouted_queue}[queue](broker.name)
    broker.put_raw(name, b'{"id": "strange", "type": "a.b.c.v1"}', FOREIGN[case])
    broker.put(name, b'{"id": "neighbour", "type": "a.b.c.v1"}')
    assert "neighbour" in run("list", "--queue", queue)
    run("show", "strange", "--queue", queue)
    run("redrive", "--queue", queue, "--id", "strange")
    # An event for which there is no queue comes back.
    assert broker.count(name) == (2 if queue == "unrouted" else 1)
    run("discard", "--queue", queue, "--all")
    assert broker.count(name) == 0


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
def test_nothing_foreign_routes_with_the_rights_of_the_service(
    service: Container[Any], broker: Broker, pump: InboxPump, victim: str, name: str, body: bytes
) -> None:
    """F54: neither held back nor parked nor redriven; one copy, and an operator sees the header."""
    queues = [victim, inbox_queue(broker.name)]
    table = header(name, b"A", sized(b"".join(b"S" + sized(each.encode()) for each in queues)))
    # As if it had come from another exchange: here the sender may write everywhere.
    pump_event(service, body, {name: queues})
    assert (broker.count(), broker.count(victim)) == (0, 0)
    broker.put_raw(parked_queue(broker.name), b'{"id": "strange"}', RawProperties(table))
    for queue in (victim, inbox_queue(broker.name)):
        broker.take_all(queue)
    output = run("show", "strange")
    run("redrive", "--id", "strange")
    assert (broker.count(), broker.count(victim)) == (1, 0)
    assert victim in output or name == "BCC"  # the broker removes BCC


def pump_event(service: Container[Any], body: bytes, headers: dict[str, list[str]]) -> None:
    """Settle an event that came with headers."""
    import time  # noqa: PLC0415 - here alone

    from app import functions  # noqa: PLC0415 - after the environment is set
    from carafe.infrastructure.cqrs.inbox import Delivery  # noqa: PLC0415 - the same

    functions.inbox().settle([Delivery(body=body, headers=headers)], time.monotonic() + 30)


@pytest.mark.parametrize("case", FOREIGN)
def test_a_listener_receives_an_event_whatever_is_around_it(
    service: Container[Any], case: str
) -> None:
    """F52: on the side of the clients."""
    parked: list[bytes] = []
    listener = EventListener(service.bus, park=lambda body, _reason: parked.append(body))
    listener.on(OrderCancelledV1, lambda *_: None)
    url, exchange = service.settings.rabbitmq_url, events_exchange(service.settings.service_name)
    with listener, pika.BlockingConnection(pika.URLParameters(url)) as connection:
        for body, properties in ((b"1", FOREIGN[case]), (b"2", None)):
            connection.channel().basic_publish(
                exchange, "ordering.order.cancelled", body, properties
            )
        assert listener.handle_next(10)
        assert listener.handle_next(10)
    assert parked == [b"1", b"2"]
