"""What the bus asks of a broker beside publishing, and what it makes of a refusal."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from pika.exceptions import ChannelClosedByBroker

from carafe.contracts.integration_events import IntegrationEvent
from carafe.infrastructure.errors import BusLoginRefused, BusUnavailable
from carafe.infrastructure.event_bus.port import QueueDepth
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.infrastructure.event_bus.topology import topology_of
from tests.support.scripted_broker import (
    HANG_UP,
    METHODS,
    Frame,
    Reply,
    ScriptedBroker,
    of_channel,
    of_connection,
)
from tests.support.scripted_bus import REFUSED
from tests.support.two_services import contracts

pytestmark = pytest.mark.timeout(20)


def counted(asked: Any) -> list[Frame]:  # noqa: ANN401 - pika's
    """Answer that a queue is there, with three messages and two consumers."""
    return of_channel(METHODS.Queue.DeclareOk(asked.queue, 3, 2))


DECLARED: Mapping[str, Reply] = {
    "Exchange.Declare": of_channel(METHODS.Exchange.DeclareOk()),
    "Queue.Declare": counted,
    "Queue.Bind": of_channel(METHODS.Queue.BindOk()),
    "Basic.Qos": of_channel(METHODS.Basic.QosOk()),
}
"""A broker on which nothing is missing."""

OWN, FOREIGN = contracts("lending", "post").overdue, contracts("borrowing", "post").overdue


def scripted(**replies: Reply) -> ScriptedBroker:
    """Return such a broker, with other replies: `Queue_Declare` for Queue.Declare."""
    other = {name.replace("_", "."): each for name, each in replies.items()}
    return ScriptedBroker(replies={**DECLARED, **other})


def refused(code: int) -> list[Frame]:
    return of_channel(METHODS.Channel.Close(code, "said the broker", 40, 10))


def declare(bus: RabbitMQBus, **arguments: Any) -> None:  # noqa: ANN401 - any argument
    bus.declare([OWN, FOREIGN], **arguments)


@pytest.mark.parametrize(
    "arguments",
    [{}, {"sends_commands": True}, {"own_events": [OWN]}],
)
def test_what_is_missing_is_declared_over_a_connection_of_its_own(
    arguments: dict[str, Any],
) -> None:
    with scripted() as broker:
        declare(RabbitMQBus(broker.url, "another-name"), **arguments)
        assert broker.gone.wait(10)
    subscribed: list[type[IntegrationEvent]] = [OWN, FOREIGN]
    expected = topology_of("another-name", subscribed, **arguments)
    declared = {each.exchange for each in broker.methods if each.NAME == "Exchange.Declare"}
    assert declared == {each.name for each in expected.exchanges}
    bound = [
        (each.exchange, each.queue, each.routing_key)
        for each in broker.methods
        if each.NAME == "Queue.Bind"
    ]
    assert bound == [(each.exchange, each.queue, each.routing_key) for each in expected.bindings]
    assert broker.heard[-1] == "Connection.Close"


def test_a_user_who_may_not_declare_is_told_who_may() -> None:
    with scripted(Queue_Declare=refused(403)) as broker:
        with pytest.raises(BusUnavailable) as told:
            declare(RabbitMQBus(broker.url, "lending"))
        assert broker.gone.wait(10)
    assert told.value.message == (
        "The broker refuses to let this user create what is missing: said the broker. "
        "An administrator creates it with `carafe bus grant`."
    )


def test_what_exists_with_other_properties_is_told_by_the_broker() -> None:
    with scripted(Queue_Declare=refused(406)) as broker:
        with pytest.raises(ChannelClosedByBroker):
            declare(RabbitMQBus(broker.url, "lending"))
        assert broker.gone.wait(10), "the connection is closed all the same"


def test_a_subscription_is_bound_to_the_own_events() -> None:
    with scripted() as broker:
        bus = RabbitMQBus(broker.url, "lending", heartbeat_seconds=12)
        with bus.subscribe(["a.#", "b.*"], "a-queue") as subscription:
            assert subscription._interval_seconds == 2  # noqa: SLF001 - nobody waits for it
        assert broker.gone.wait(10)
    bound = [
        (each.exchange, each.queue, each.routing_key)
        for each in broker.methods
        if each.NAME == "Queue.Bind"
    ]
    assert bound == [("lending.events", "a-queue", "a.#"), ("lending.events", "a-queue", "b.*")]
    (declared,) = (each for each in broker.methods if each.NAME == "Queue.Declare")
    assert (declared.queue, declared.durable) == ("a-queue", True)


def test_depths_are_told_by_the_broker() -> None:
    tune = of_connection(METHODS.Connection.Tune(10, 131_072, 300))
    with scripted(Connection_StartOk=tune) as broker:
        bus = RabbitMQBus(broker.url, "lending", heartbeat_seconds=60)
        depths = bus.depths(float("inf"))
        assert broker.gone.wait(10)
    watched = ("lending.inbox", "lending.inbox.parked", "lending.unrouted")
    assert depths == dict.fromkeys(watched, QueueDepth(3, 2))
    (tuned,) = (each for each in broker.methods if each.NAME == "Connection.TuneOk")
    assert tuned.heartbeat == 5, "a silent broker is given up soon"


USES: list[Callable[[RabbitMQBus], object]] = [
    lambda bus: bus.subscribe(["#"]),
    declare,
    lambda bus: bus.depths(float("inf")),
]


@pytest.mark.parametrize("use", USES, ids=["subscribe", "declare", "depths"])
def test_a_broker_that_breaks_off_is_unavailable(use: Callable[[RabbitMQBus], object]) -> None:
    with (
        scripted(Channel_Open=HANG_UP) as broker,
        pytest.raises(BusUnavailable, match=r"^(No connection to the|The) broker.*: \w+Lost\w*\.$"),
    ):
        use(RabbitMQBus(broker.url, "lending"))


@pytest.mark.parametrize("use", USES, ids=["subscribe", "declare", "depths"])
def test_whatever_the_login_is_for_it_may_be_read_anew(
    use: Callable[[RabbitMQBus], object],
) -> None:
    with scripted() as broker, ScriptedBroker(replies=REFUSED) as refusing:
        with pytest.raises(BusLoginRefused):
            use(RabbitMQBus(refusing.url, "lending"))
        use(RabbitMQBus(refusing.url, "lending", renewed_url=lambda: broker.url))
    assert "Queue.Declare" in broker.heard


@pytest.mark.parametrize("url", ["", "http://host", "amqp://host:port"])
def test_a_malformed_address_is_told(url: str) -> None:
    with pytest.raises(ValueError, match="amqp://user:password@host:port/vhost"):
        RabbitMQBus(url, "lending")
