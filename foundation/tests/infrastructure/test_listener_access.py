"""A program that listens to events, and is no service, has a user that may do nothing else."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import Result
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from carafe.client.errors import SubscriptionLost
from carafe.client.events import EventListener
from carafe.contracts.addresses import with_login
from carafe.development.bus.topology import topology_on_broker
from carafe.development.cli import main
from carafe.development.platform.access import grant, revoke
from carafe.development.platform.administration import AccessFailed, Administration, Login
from carafe.development.platform.listeners import allow_listener
from carafe.development.platform.place import place_of
from carafe.development.rehearse.other_services import publish_event
from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.connections import connect, parameters_of
from carafe.infrastructure.event_bus.names import events_exchange, inbox_queue
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.testing.contexts import a_context
from chalicelib.contracts.integration_events import OrderPlacedV1
from chalicelib.domain.order import Order
from tests.support.command_runner import CommandRunner
from tests.support.inbound import payment_captured
from tests.support.orders import an_order

WAIT_SECONDS = 10


@pytest.fixture
def administration(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Administration:
    """The management API of the broker, as an administrator uses it."""
    monkeypatch.setenv("RABBITMQ_ADMINISTRATOR", "guest:guest")
    return Administration(stack.environment["RABBITMQ_MANAGEMENT_URL"], Login("guest", "guest"))


@pytest.fixture
def listener(
    service: Container[Any], administration: Administration, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Login]:
    """The login of a program that wants to listen to the service, which is on the broker."""
    service.prepare_bus()
    login = Login(f"billing-{secrets.token_hex(4)}", secrets.token_urlsafe())
    monkeypatch.setenv("RABBITMQ_LISTENER", ":".join(login))
    yield login
    administration.delete("users", login.username)


@contextmanager
def channel(url: str) -> Iterator[BlockingChannel]:
    with connect(parameters_of(url)) as connection:
        yield connection.channel()


def run(*arguments: str) -> Result:
    return CommandRunner().invoke(main, ["bus", "grant", "--listener", *arguments])


def address(service: Container[Any], login: Login) -> str:
    return with_login(service.settings.rabbitmq_url, *login)


@pytest.mark.parametrize("queue", [None, "{}.orders"])
def test_it_hears_the_service_once_it_is_granted(
    service: Container[Any], listener: Login, queue: str | None
) -> None:
    """With a queue that the broker names, or one of its own that keeps events."""
    name, heard = service.settings.service_name, []
    listening = EventListener(
        RabbitMQBus(address(service, listener), name), queue and queue.format(listener.username)
    )
    listening.on(OrderPlacedV1, lambda _, envelope: heard.append(envelope.subject))
    with pytest.raises(SubscriptionLost), listening:
        pass
    result = run()
    assert result.exit_code == 0, result.output
    order = an_order()
    with listening:
        service.repository(Order).add(order, a_context())
        service.relay.relay({"orders": [order.id]}, time.monotonic() + WAIT_SECONDS)
        assert listening.handle_next(WAIT_SECONDS)
    assert heard == [order.id]


Attempt = Callable[[BlockingChannel, str, str], object]


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(
            lambda own, name, _: own.basic_publish(events_exchange(name), "a.b.c", b"{}"),
            id="publish an event of the service's",
        ),
        pytest.param(
            lambda own, name, _: own.basic_publish("", inbox_queue(name), b"{}"),
            id="publish to a queue by AMQP's default exchange",
        ),
        pytest.param(
            lambda own, name, _: own.basic_get(inbox_queue(name)), id="take what is the service's"
        ),
        pytest.param(
            lambda own, name, _: own.queue_purge(inbox_queue(name)), id="empty the service's queue"
        ),
        pytest.param(
            lambda own, name, _: own.exchange_delete(events_exchange(name)),
            id="delete its exchange",
        ),
        pytest.param(
            lambda own, _, me: own.queue_bind(f"{me}.orders", "payments.events", "#"),
            id="hear another service",
        ),
    ],
)
def test_it_may_do_nothing_else(
    service: Container[Any], stack: Stack, listener: Login, attempt: Attempt
) -> None:
    publish_event(stack.environment["RABBITMQ_URL"], payment_captured("nobody"))
    assert run().exit_code == 0
    with channel(address(service, listener)) as own:
        own.confirm_delivery()
        own.queue_declare(f"{listener.username}.orders", exclusive=True)
        with pytest.raises(ChannelClosedByBroker, match="ACCESS_REFUSED"):
            attempt(own, service.settings.service_name, listener.username)


@pytest.mark.usefixtures("listener")
def test_it_is_not_created_before_it_is_wanted(
    administration: Administration, listener: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run("--dry-run")
    assert result.output.endswith("Nothing was changed.\n")
    assert f"{listener.username} may read" in result.output
    assert administration.get("users", listener.username) is None
    monkeypatch.delenv("RABBITMQ_LISTENER")
    assert "set RABBITMQ_LISTENER to the login of the program that listens" in run().output


def test_it_may_hear_several_services(
    service: Container[Any], administration: Administration, listener: Login
) -> None:
    name, other = service.settings.service_name, f"harbour-{secrets.token_hex(4)}"
    grant(administration, place_of(other, topology_on_broker(other)), Login(f"{other}.a", "x" * 12))
    assert run().exit_code == 0
    allow_listener(administration, other, listener)
    with channel(address(service, listener)) as own:
        own.queue_declare(f"{listener.username}.orders", exclusive=True)
        for each in (name, other):
            own.queue_bind(f"{listener.username}.orders", events_exchange(each), "#")
    revoke(administration, other)


@pytest.mark.parametrize(
    ("login", "message"),
    [
        (Login("guest", "guest"), "guest is an administrator"),
        (Login("payments", "x" * 12), "payments is the name of a service"),
    ],
)
@pytest.mark.usefixtures("listener")
def test_whose_name_is_somebodys_is_refused(
    stack: Stack,
    service: Container[Any],
    administration: Administration,
    login: Login,
    message: str,
) -> None:
    publish_event(stack.environment["RABBITMQ_URL"], payment_captured("nobody"))
    with pytest.raises(AccessFailed, match=message):
        allow_listener(administration, service.settings.service_name, login)


def test_a_service_without_a_place_has_no_listeners(administration: Administration) -> None:
    listener, service = (f"{each}-{secrets.token_hex(4)}" for each in ("billing", "nobody"))
    with pytest.raises(AccessFailed, match=rf"no exchange {service}\.events yet"):
        allow_listener(administration, service, Login(listener, "x" * 12))
    assert administration.get("users", listener) is None
