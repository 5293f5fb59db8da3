"""To which node the bus connects, and with which login."""

import socket
from collections.abc import Iterator
from contextlib import closing

import pytest
from pika import URLParameters

from carafe.infrastructure.errors import BusLoginRefused, BusUnavailable
from carafe.infrastructure.event_bus import rabbitmq
from carafe.infrastructure.event_bus.port import Outcome
from carafe.infrastructure.event_bus.publisher import Publisher
from tests.support.scripted_broker import HANG_UP, METHODS, ScriptedBroker, of_connection
from tests.support.scripted_bus import REFUSED, a_bus, connections, dying, publish

pytestmark = pytest.mark.timeout(10)

CONFIRMED, UNKNOWN = Outcome.CONFIRMED, Outcome.UNKNOWN


@pytest.fixture
def broker() -> Iterator[ScriptedBroker]:
    with ScriptedBroker() as broker:
        yield broker


@pytest.fixture
def dead() -> str:
    """The address of a host on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ports of the nodes that were tried."""
    ports: list[int] = []

    def connect(parameters: URLParameters, deadline: float) -> Publisher:
        ports.append(int(parameters.port))
        return Publisher(parameters, deadline)

    monkeypatch.setattr(rabbitmq, "Publisher", connect)
    return ports


def port_of(host: str) -> int:
    return int(host.rpartition(":")[2])


def test_the_node_that_answered_last_is_the_first_to_be_tried(dead: str, tried: list[int]) -> None:
    with (
        ScriptedBroker(dying(HANG_UP)) as one,
        ScriptedBroker(dying(HANG_UP)) as two,
        closing(a_bus(dead, one.url, two.url)) as bus,
    ):
        assert [publish(bus, "a"), publish(bus, "a")] == [[UNKNOWN], [CONFIRMED]]
        assert tried == [port_of(dead), one.port, one.port]
        tried.clear()
        bus.close()
        one.close()
        assert [publish(bus, "b"), publish(bus, "b")] == [[UNKNOWN], [CONFIRMED]]
        assert tried == [one.port, two.port, two.port]


def test_the_last_node_is_tried_as_well(
    dead: str, broker: ScriptedBroker, tried: list[int]
) -> None:
    with closing(a_bus(dead, broker.url)) as bus:
        assert publish(bus, "a") == [CONFIRMED]
    assert tried == [port_of(dead), broker.port]


def test_where_no_node_answers_each_is_tried_once(dead: str, tried: list[int]) -> None:
    with pytest.raises(BusUnavailable, match="No connection to the broker"):
        publish(a_bus(dead, "localhost:1", dead), "a")
    assert tried == [port_of(dead), 1, port_of(dead)]


def test_a_login_that_one_node_refuses_is_tried_at_no_other(broker: ScriptedBroker) -> None:
    with ScriptedBroker(replies=REFUSED) as refusing:
        bus = a_bus(refusing.url, broker.url)
        for _ in range(2):
            with pytest.raises(BusLoginRefused):
                publish(bus, "a")
        assert connections(refusing) == 2
    assert broker.heard == []


def test_a_login_that_is_refused_is_read_anew_once(broker: ScriptedBroker) -> None:
    read: list[str] = []

    def renewed() -> str:
        read.append("once")
        return broker.url

    with (
        ScriptedBroker(replies=REFUSED) as refusing,
        closing(a_bus(refusing.url, renewed_url=renewed, heartbeat_seconds=17)) as bus,
    ):
        assert publish(bus, "a", "b") == [CONFIRMED, CONFIRMED]
        bus.close()
        assert publish(bus, "c") == [CONFIRMED]
        assert connections(refusing) == 1
    assert read == ["once"]
    assert connections(broker) == 2


def test_a_renewed_login_that_is_refused_as_well_is_told() -> None:
    with ScriptedBroker(replies=REFUSED) as refusing:
        bus = a_bus(refusing.url, renewed_url=lambda: refusing.url)
        with pytest.raises(BusLoginRefused):
            publish(bus, "a")
        assert connections(refusing) == 2


@pytest.mark.parametrize("is_renewed", [False, True])
def test_heartbeats_are_as_often_as_they_were_asked_for(*, is_renewed: bool) -> None:
    tune = of_connection(METHODS.Connection.Tune(10, 131_072, 300))
    with (
        ScriptedBroker(replies={"Connection.StartOk": tune}) as broker,
        ScriptedBroker(replies=REFUSED) as refusing,
    ):
        first = refusing if is_renewed else broker
        options = {"renewed_url": lambda: broker.url, "heartbeat_seconds": 17}
        with closing(a_bus(first.url, **options)) as bus:
            publish(bus, "a")
    (tuned,) = (each for each in broker.methods if each.NAME == "Connection.TuneOk")
    assert tuned.heartbeat == 17
