"""Exchanges and queues that tests have one after the other."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

import pytest
from pika.adapters.blocking_connection import BlockingChannel

from carafe.development.broker.check import faults_of
from carafe.development.broker.management import LiveBroker, Management
from carafe.development.bus.topology import topology_of_service
from carafe.development.project import Project
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.connections import connect, parameters_of
from carafe.infrastructure.event_bus.names import events_exchange, inbox_queue, parked_queue
from carafe.testing.reuse import RESTING
from carafe.testing.topologies import Topologies
from tests.support.reuse import Wired, next_names, wiring

OnBroker = Callable[[Callable[[BlockingChannel], object]], None]
Live = Callable[[], LiveBroker]


@pytest.fixture
def topologies(environment: Mapping[str, str]) -> Iterator[Topologies]:
    with closing(Topologies(environment)) as topologies:
        yield topologies


@pytest.fixture
def wired(project: Project, environment: Mapping[str, str]) -> Iterator[Wired]:
    """Wires the service under a name."""
    with wiring(project, environment, "SERVICE_NAME") as wired:
        yield wired


@pytest.fixture
def live(environment: Mapping[str, str]) -> Live:
    return Management(environment["RABBITMQ_URL"], environment["RABBITMQ_MANAGEMENT_URL"]).live


@pytest.fixture
def on_broker(environment: Mapping[str, str]) -> OnBroker:
    """Does something on a channel."""

    def do(work: Callable[[BlockingChannel], object]) -> None:
        with connect(parameters_of(environment["RABBITMQ_URL"])) as connection:
            work(connection.channel())

    return do


def is_complete(service: Container[Any], live: LiveBroker) -> bool:
    topology = topology_of_service(service.service, service.settings.service_name)
    return faults_of(topology, live) == []


def test_a_topology_comes_again_after_some_others_whole_and_empty(
    topologies: Topologies, wired: Wired, live: Live, on_broker: OnBroker
) -> None:
    name = topologies.name()
    service = wired(name)
    topologies.prepare(service)
    topologies.give_back(service)

    others = next_names(topologies, wired, RESTING)
    # A consumer that ends puts back what it had, also after the test.
    on_broker(lambda channel: channel.basic_publish("", inbox_queue(name), b"{}"))
    on_broker(lambda channel: channel.basic_publish("", parked_queue(name), b"{}"))
    assert name not in others
    assert topologies.name() == name
    again = wired(name)
    topologies.prepare(again)
    assert is_complete(again, live())
    assert {depth.messages for depth in again.bus.depths(time.monotonic() + 30).values()} == {0}


@pytest.mark.parametrize(
    "change",
    [
        lambda channel, name: channel.queue_delete(inbox_queue(name)),
        lambda channel, name: channel.exchange_delete(events_exchange(name)),
        lambda channel, name: channel.queue_declare(f"{name}.another", durable=True),
        lambda channel, name: channel.queue_bind(inbox_queue(name), events_exchange(name), "#"),
        lambda channel, name: channel.queue_unbind(
            inbox_queue(name), "payments.events", "payments.payment.captured"
        ),
    ],
    ids=["a queue less", "an exchange less", "a queue more", "a binding more", "a binding less"],
)
def test_one_that_a_test_has_changed_goes(
    topologies: Topologies,
    wired: Wired,
    live: Live,
    on_broker: OnBroker,
    change: Callable[[BlockingChannel, str], object],
) -> None:
    name = topologies.name()
    service = wired(name)
    topologies.prepare(service)
    on_broker(lambda channel: change(channel, name))
    topologies.give_back(service)
    assert inbox_queue(name) not in live().queues
    assert events_exchange(name) not in live().exchanges
    assert name not in next_names(topologies, wired, RESTING + 2)


def test_a_broker_of_the_tests_own_is_left_alone(
    environment: Mapping[str, str], topologies: Topologies, project: Project, live: Live
) -> None:
    name = topologies.name()
    in_memory = {**environment, "SERVICE_NAME": name, "EVENT_BUS_TYPE": "base"}
    with closing(project.service.wired(project.service.settings.read(in_memory, name))) as service:
        topologies.prepare(service)
        topologies.give_back(service)
    assert inbox_queue(name) not in live().queues
    assert topologies.name() != name


def test_another_way_to_the_broker_finds_nothing_of_an_earlier_test(
    environment: Mapping[str, str],
    topologies: Topologies,
    wired: Wired,
    project: Project,
    on_broker: OnBroker,
) -> None:
    name = next_names(topologies, wired, 1)[0]
    on_broker(lambda channel: channel.basic_publish("", inbox_queue(name), b"{}"))
    way = environment["RABBITMQ_URL"].replace("127.0.0.1", "localhost")
    again = {**environment, "SERVICE_NAME": name, "RABBITMQ_URL": way}
    with closing(project.service.wired(project.service.settings.read(again, name))) as service:
        topologies.prepare(service)
        assert {depth.messages for depth in service.bus.depths(time.monotonic() + 30).values()} == {
            0
        }


def test_none_is_left_in_the_end(environment: Mapping[str, str], wired: Wired, live: Live) -> None:
    with closing(Topologies(environment)) as topologies:
        names = next_names(topologies, wired, 2)
        names.append(topologies.name())
        topologies.prepare(wired(names[-1]))
        assert inbox_queue(names[-1]) in live().queues
    assert not {inbox_queue(each) for each in names} & {*live().queues}
