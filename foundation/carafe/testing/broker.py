"""The broker of the tests, from which each takes away what it made there."""

from contextlib import suppress
from typing import Any

from carafe.infrastructure.container import Container
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.connections import BROKER_ERRORS, connect, parameters_of
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.infrastructure.event_bus.topology import topology_of


def remove_from_broker(container: Container[Any]) -> None:
    """Delete a service's exchanges and queues; nothing is done where it has no broker.

    Each queue costs the broker some work, even when nobody uses it, and is listed with all others.
    A test may have deleted some of them, or stopped the broker: then they stay.
    """
    if not isinstance(container.bus, RabbitMQBus):
        return
    service = container.service
    topology = topology_of(
        container.settings.service_name,
        service.subscribed,
        own_events=service.own_events,
        sends_commands=bool(service.outgoing),
    )
    with (
        suppress(BusUnavailable, *BROKER_ERRORS),
        connect(parameters_of(container.settings.rabbitmq_url)) as connection,
    ):
        channel = connection.channel()
        for queue in topology.queues:
            channel.queue_delete(queue.name)
        for exchange in topology.exchanges:
            if exchange.owned:
                channel.exchange_delete(exchange.name)
