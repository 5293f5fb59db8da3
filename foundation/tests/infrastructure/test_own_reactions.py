"""A service follows its own events, over the broker and by the same once-only rule."""

from collections.abc import Mapping
from typing import Any

import pytest

from carafe import Settings
from carafe.api.asyncapi import asyncapi_of
from carafe.development.broker.check import (
    Outbound,
    bindings_without_message,
    faults_of,
    messages_without_queue,
    unhandled_bindings,
)
from carafe.development.broker.management import Management
from carafe.development.diagrams.event_bus import sections
from carafe.development.inbox_pump import InboxPump
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.names import events_exchange, inbox_queue
from carafe.infrastructure.event_bus.topology import Binding, Topology, topology_of
from carafe.testing.broker import remove_from_broker
from carafe.testing.contexts import a_context
from tests.support.reminding import Reminding
from tests.support.reminding_library import OpenedLoan, library_of, told_by
from tests.support.reminding_world import World
from tests.support.two_services import a_name


def open_loan(world: World, loan_id: str = "l-1") -> None:
    loan = OpenedLoan(id=loan_id, member="maria")
    loan.open()
    world.container.repository(OpenedLoan).add(loan, a_context())


def consume(world: World) -> None:
    url = world.container.settings.rabbitmq_url
    InboxPump(url, inbox_queue(world.name), world.functions.consume_events).step()


def test_an_own_event_begins_a_process(world: World) -> None:
    open_loan(world)
    world.relay()
    world.broker.wait_for(1)
    consume(world)
    assert (world.process().member, world.commands()) == ("maria", ["card block"])
    assert (world.broker.count(), world.broker.parked(), world.published()) == (0, [], [])


def test_an_own_event_that_comes_twice_takes_effect_once(world: World) -> None:
    """A relay that died before the removal, and a queue that delivers again."""
    open_loan(world)
    world.relay()
    world.broker.wait_for(1)
    ((_, body),) = world.broker.take_all(inbox_queue(world.name))
    for _ in range(3):
        world.broker.put(inbox_queue(world.name), body)
    consume(world)
    assert world.process().version == 1
    assert world.container.database["remindings"].count_documents({}) == 1


def test_what_follows_from_an_own_event_keeps_its_correlation(world: World) -> None:
    loan = OpenedLoan(id="l-1", member="maria")
    loan.open()
    context = a_context()
    world.container.repository(OpenedLoan).add(loan, context)
    world.relay()
    world.broker.wait_for(1)
    consume(world)
    world.relay()
    (command,) = world.published()
    assert command["correlationid"] == context.correlation_id


def topology(world: World, name: str = "") -> Topology:
    service = world.container.service
    return topology_of(
        name or world.name,
        service.subscribed,
        own_events=service.own_events,
        sends_commands=bool(service.outgoing),
    )


def test_the_own_exchange_is_bound_once_under_whatever_name_the_service_runs(world: World) -> None:
    for name in (world.name, "elsewhere"):
        declared = topology(world, name)
        (exchange,) = (each for each in declared.exchanges if each.name == events_exchange(name))
        assert exchange.owned
        bound = [each for each in declared.bindings if each.exchange == exchange.name]
        assert bound == [Binding(exchange.name, inbox_queue(name), f"{world.name}.loan.opened")]
    assert not any(each.name.startswith(world.name) for each in topology(world, "other").exchanges)


def test_the_live_broker_is_as_declared(world: World, environment: Mapping[str, str]) -> None:
    service = world.container.service
    management = environment["RABBITMQ_MANAGEMENT_URL"]
    live = Management(world.container.settings.rabbitmq_url, management).live()
    outbound = Outbound(world.name, service.published_as(world.name), service.outgoing)
    assert faults_of(topology(world), live) == []
    assert unhandled_bindings(world.name, topology(world), live) == []
    assert bindings_without_message(outbound, live) == []
    unconsumed = [each for each in messages_without_queue(outbound, live) if "events" in each]
    assert unconsumed == []  # the service itself does


def test_the_document_tells_that_the_event_is_sent_and_received(world: World) -> None:
    document: Any = asyncapi_of(world.container.service, world.name)
    wire_type = f"{world.name}.loan.opened.v1"
    operations = document["operations"]
    assert operations[f"publish.{wire_type}"]["action"] == "send"
    assert operations[f"consume.{wire_type}"]["action"] == "receive"
    channel = document["channels"][f"{world.name}.loan.opened"]
    assert channel["bindings"]["amqp"]["exchange"]["name"] == events_exchange(world.name)
    assert list(channel["messages"]) == ["LoanOpenedV1"]


def test_under_another_name_the_event_comes_from_the_exchange_of_that_name(world: World) -> None:
    document: Any = asyncapi_of(world.container.service, "elsewhere")
    channel = document["channels"][f"{world.name}.loan.opened"]
    assert channel["bindings"]["amqp"]["exchange"]["name"] == "elsewhere.events"


def test_the_diagram_of_the_way_in_shows_the_own_exchange(world: World) -> None:
    (_, inbound) = sections(topology(world), world.name, ["consume"])
    assert f"topic exchange<br>{events_exchange(world.name)}" in inbound.diagram.replace(
        "\n", "<br>"
    )


def test_an_own_event_that_is_not_published_is_a_fault_of_the_declaration() -> None:
    told = told_by("library", "members", "post")
    with pytest.raises(ValueError, match=r"which publishes no library\.loan\.opened"):
        library_of(told, "library", published={}, repositories={Reminding: "nowhere"})


def test_a_service_that_runs_under_another_name_binds_its_own_exchange(
    world: World, environment: Mapping[str, str]
) -> None:
    name = a_name("elsewhere")
    settings = Settings.read({**environment, "SERVICE_NAME": name}, name)
    elsewhere = Container(world.container.service, settings)
    elsewhere.prepare_bus()
    management = environment["RABBITMQ_MANAGEMENT_URL"]
    live = Management(settings.rabbitmq_url, management).live()
    assert faults_of(topology(world, name), live) == []
    remove_from_broker(elsewhere)
    elsewhere.close()
