"""Services that share a broker: each has a user of its own, which may do what the service needs."""

import json
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import Result
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from app import functions
from carafe.contracts.addresses import with_login
from carafe.development.bus.topology import topology_on_broker
from carafe.development.cli import main
from carafe.development.platform.access import (
    grant,
    next_login,
    other_user,
    retire,
    revoke,
    rights_of,
)
from carafe.development.platform.administration import AccessFailed, Administration, Login
from carafe.development.platform.place import place_of
from carafe.development.rehearse.other_services import publish_event
from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.connections import connect, parameters_of
from carafe.infrastructure.event_bus.names import events_exchange, inbox_queue, parked_queue
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.testing.contexts import a_context
from carafe.testing.inbound import a_delivery
from chalicelib.domain.order import Order, OrderStatus
from tests.support.command_runner import CommandRunner
from tests.support.inbound import payment_captured
from tests.support.orders import an_order

WAIT_SECONDS = 10


@pytest.fixture(scope="module")
def administration(stack: Stack) -> Administration:
    """The management API of the broker, as an administrator uses it."""
    return Administration(stack.environment["RABBITMQ_MANAGEMENT_URL"], Login("guest", "guest"))


@pytest.fixture
def administrator_url(stack: Stack) -> str:
    """The broker, with a login that may do everything."""
    return stack.environment["RABBITMQ_URL"]


@pytest.fixture
def environment(
    environment: Mapping[str, str], administration: Administration
) -> Iterator[Mapping[str, str]]:
    """The environment of a service whose user may do no more than it needs."""
    name = environment["SERVICE_NAME"]
    login = Login(f"{name}.a", secrets.token_urlsafe())
    grant(administration, place_of(name, topology_on_broker(name)), login)
    yield {**environment, "RABBITMQ_URL": with_login(environment["RABBITMQ_URL"], *login)}
    revoke(administration, name)


@contextmanager
def channel(url: str) -> Iterator[BlockingChannel]:
    with connect(parameters_of(url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        yield channel


def run(*arguments: str) -> Result:
    return CommandRunner().invoke(main, [*arguments])


def soon() -> float:
    return time.monotonic() + WAIT_SECONDS


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = soon()
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


# What a service does


def test_it_declares_and_checks_what_it_needs(service: Container[Any]) -> None:
    service.prepare_bus()
    assert run("bus", "declare").exit_code == 0
    checked = run("bus", "check", "--allow-unconsumed")
    assert checked.output.endswith("The broker matches the contracts.\n"), checked.output


def test_it_publishes_and_watches(service: Container[Any]) -> None:
    order = an_order()
    with service.bus.subscribe(["#"]) as subscription:
        service.repository(Order).add(order, a_context())
        relayed = service.relay.relay({"orders": [order.id]}, soon())
        assert (relayed.events, relayed.unfinished) == (1, set())
        message = subscription.receive(WAIT_SECONDS)
    assert message is not None
    assert json.loads(message.body)["subject"] == order.id


def test_it_consumes_what_it_subscribed_to(service: Container[Any], administrator_url: str) -> None:
    event = payment_captured("nobody")
    publish_event(administrator_url, event)
    inbox = inbox_queue(service.settings.service_name)
    wait_until(lambda: service.bus.depths(soon())[inbox].messages == 1)
    with channel(service.settings.rabbitmq_url) as own:
        method, _, body = own.basic_get(inbox, auto_ack=True)
    assert method is not None
    assert json.loads(body or b"")["id"] == event["id"]


def test_it_holds_back_parks_and_redrives(service: Container[Any]) -> None:
    order, name = an_order(), service.settings.service_name
    event = payment_captured(order.id)
    settled = functions.inbox().settle([a_delivery(event)], time.monotonic() + 30)
    assert settled.retried == 1
    functions.inbox().settle([a_delivery(event, **{"x-attempts": 3})], time.monotonic() + 30)
    service.repository(Order).add(order, a_context())
    assert event["id"] in run("parked", "list").output
    assert run("parked", "redrive", "--all").exit_code == 0
    depths = service.bus.depths(soon())
    assert (depths[inbox_queue(name)].messages, depths[parked_queue(name)].messages) == (1, 0)
    functions.inbox().settle([a_delivery(event)], time.monotonic() + 30)
    assert service.repository(Order).get(order.id).status is OrderStatus.PAID


def test_it_sends_again_what_nobody_wanted(service: Container[Any]) -> None:
    order = an_order()
    service.repository(Order).add(order, a_context())
    service.relay.relay({"orders": [order.id]}, soon())
    with service.bus.subscribe(["ordering.order.placed"]) as subscription:
        assert run("parked", "redrive", "--queue", "unrouted", "--all").exit_code == 0
        assert subscription.receive(WAIT_SECONDS) is not None


# What it must not do


Attempt = Callable[[BlockingChannel, str], object]


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(
            lambda own, _: own.basic_publish("payments.events", "payments.payment.captured", b"{}"),
            id="publish another's event",
        ),
        pytest.param(
            lambda own, _: own.basic_publish("", "payments.inbox", b"{}"),
            id="publish to another's queue",
        ),
        pytest.param(
            lambda own, _: own.exchange_declare("payments.refunds", "topic"),
            id="declare in another's name",
        ),
        pytest.param(
            lambda own, _: own.exchange_delete("payments.events"), id="delete another's exchange"
        ),
        pytest.param(
            lambda own, name: own.exchange_bind("payments.events", f"{name}.events", "#"),
            id="lead its events to another's exchange",
        ),
        pytest.param(
            lambda own, name: own.exchange_declare(
                f"{name}.new", "topic", arguments={"alternate-exchange": "payments.events"}
            ),
            id="lead what is unrouted to another's exchange",
        ),
        pytest.param(
            lambda own, name: own.queue_declare(
                f"{name}.new", arguments={"x-dead-letter-exchange": "payments.events"}
            ),
            id="lead dead letters to another's exchange",
        ),
        pytest.param(
            lambda own, name: own.queue_declare(
                f"{name}.new", arguments={"x-dead-letter-exchange": ""}
            ),
            id="lead dead letters to another's queue",
        ),
        pytest.param(
            lambda own, name: own.queue_bind(inbox_queue(name), "unheard.events", "#"),
            id="read what its contracts do not name",
        ),
    ],
)
def test_it_is_refused(service: Container[Any], administrator_url: str, attempt: Attempt) -> None:
    with channel(administrator_url) as others:
        others.exchange_declare("unheard.events", "topic", durable=True)
    with (
        channel(service.settings.rabbitmq_url) as own,
        pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"),
    ):
        attempt(own, service.settings.service_name)


def test_another_services_queue_cannot_be_read(
    service: Container[Any], administrator_url: str
) -> None:
    with channel(administrator_url) as others:
        others.queue_declare("unheard.inbox", durable=True)
        with (
            channel(service.settings.rabbitmq_url) as own,
            pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"),
        ):
            own.basic_get("unheard.inbox")
        others.queue_delete("unheard.inbox")


def test_what_is_missing_and_not_granted_is_said(service: Container[Any]) -> None:
    """`carafe bus declare` cannot create an exchange of another service, nor what leads to one."""
    name = service.settings.service_name
    with channel(service.settings.rabbitmq_url) as own:
        own.queue_delete(inbox_queue(name))
    with pytest.raises(BusUnavailable, match="carafe bus grant"):
        service.prepare_bus()
    assert "carafe bus grant" in run("bus", "declare").output


# The command


def test_the_command_grants(
    service: Container[Any], administration: Administration, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = service.settings.service_name
    revoke(administration, name)
    monkeypatch.delenv("RABBITMQ_ADMINISTRATOR", raising=False)
    assert "set RABBITMQ_ADMINISTRATOR" in run("bus", "grant").output
    monkeypatch.setenv("RABBITMQ_ADMINISTRATOR", "guest:wrong")
    assert "refuses the administrator's login" in run("bus", "grant").output
    assert run("bus", "grant", "--dry-run").exit_code == 0
    assert administration.get("users", f"{name}.a") is None
    monkeypatch.setenv("RABBITMQ_ADMINISTRATOR", "guest:guest")
    result = run("bus", "grant")
    assert result.exit_code == 0, result.output
    assert f"{name}.a may write" in result.output
    message = Message("1", "a.b.c.v1", "a.b.c", b"{}")
    assert service.bus.publish([message], soon()) == {"1": Outcome.CONFIRMED}


def test_a_service_is_no_administrator(administration: Administration) -> None:
    place = place_of("harbour", topology_on_broker("harbour"))
    with pytest.raises(AccessFailed, match="guest is an administrator"):
        grant(administration, place, Login("guest", "guest"))


def exchange(name: str, **arguments: str) -> tuple[str, dict[str, Any]]:
    return "exchanges", {"name": name, "kind": "topic", "arguments": arguments, "owned": True}


def queue(name: str, **arguments: str) -> tuple[str, dict[str, Any]]:
    named = {f"x-dead-letter-{each.replace('_', '-')}": value for each, value in arguments.items()}
    return "queues", {"name": name, "arguments": named}


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (exchange("payments.events"), "payments.events"),
        (exchange("harbour.new", **{"alternate-exchange": "payments.events"}), "payments.events"),
        (queue("payments.inbox"), "payments.inbox"),
        (queue("harbour.new", exchange="payments.events", routing_key="harbour.x"), "payments.ev"),
        (queue("harbour.new", exchange="", routing_key="payments.inbox"), "payments.inbox"),
        (queue("harbour.new", exchange=""), "the key of a message"),
        (
            ("bindings", {"exchange": "harbour.x", "queue": "payments.inbox", "routing_key": "#"}),
            "payments.inbox",
        ),
    ],
)
def test_a_place_that_leads_to_another_is_refused(
    administration: Administration, part: tuple[str, dict[str, Any]], name: str
) -> None:
    kind, what = part
    place: dict[str, Any] = place_of("harbour", topology_on_broker("harbour"))
    place[kind] = [*place[kind], what]
    with pytest.raises(AccessFailed, match=f"{name}.* is not a name of harbour's own"):
        grant(administration, place, Login("harbour.a", "x" * 12))
    assert administration.get("users", "harbour.a") is None


def test_a_name_that_begins_like_another_is_another() -> None:
    place = place_of("order", topology_on_broker("order"))
    assert r"^(order\..+|" in rights_of(place)["write"]


# A new login


def test_logins_take_turns_and_nothing_fails_in_between(
    service: Container[Any], administration: Administration
) -> None:
    """Both are good until nobody uses the first; then it is deleted, and refused."""
    name, url = service.settings.service_name, service.settings.rabbitmq_url
    urls = [url]
    bus = RabbitMQBus(url, name, renewed_url=lambda: urls[-1])

    def publish() -> None:
        message = Message(secrets.token_hex(4), "a.b.c.v1", "a.b.c", b"{}")
        assert bus.publish([message], soon()) == {message.id: Outcome.CONFIRMED}

    publish()
    second = next_login(administration, f"{name}.a")
    assert second.username == f"{name}.b"
    urls.append(with_login(url, *second))
    publish()
    with pytest.raises(AccessFailed, match=f"{name}.a still has 1 connections"):
        retire(administration, second.username)
    with pytest.raises(AccessFailed, match=f"{name}.a still has 1 connections"):
        next_login(administration, second.username)
    bus.close()
    wait_until(lambda: retired(administration, second.username))
    publish()  # the first is refused, and the new one read
    third = next_login(administration, second.username)
    assert third.username == f"{name}.a"
    assert third.password not in url
    bus.close()


def retired(administration: Administration, current: str) -> bool:
    try:
        return retire(administration, current) == other_user(current)
    except AccessFailed:
        return False


def test_a_grant_leaves_the_next_login_as_it_is(
    service: Container[Any], administration: Administration
) -> None:
    """A deployment during a rotation: both users get the new rights, none a new password."""
    name = service.settings.service_name
    second = next_login(administration, f"{name}.a")
    place = place_of(name, topology_on_broker(name))
    exchange = {"name": "unheard.events", "kind": "topic", "arguments": {}, "owned": False}
    place["exchanges"] = [*place["exchanges"], exchange]  # type: ignore[misc]
    grant(administration, place, second)
    for user in (f"{name}.a", f"{name}.b"):
        assert "unheard" in administration.get("permissions", "%2F", user)["read"]
    assert administration.accepts(second)
    first = with_login(service.settings.rabbitmq_url, *second)
    with channel(first) as own:
        own.queue_bind(inbox_queue(name), "unheard.events", "#")
        own.exchange_declare(events_exchange(name), passive=True)
