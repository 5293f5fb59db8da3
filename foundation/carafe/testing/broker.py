"""What a service under test made on its servers, which goes with the test."""

from contextlib import suppress
from typing import Any

from carafe.development.bus.topology import topology_of_service
from carafe.infrastructure.container import Container
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.connections import BROKER_ERRORS, connect, parameters_of
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.infrastructure.event_bus.topology import Topology


def remove_from_servers(container: Container[Any]) -> None:
    """Drop a service's database, and delete its exchanges and queues."""
    container.database.client.drop_database(container.database.name)
    remove_from_broker(container)


def remove_from_broker(container: Container[Any]) -> None:
    """Delete a service's exchanges and queues; nothing is done where it has no broker.

    Each queue costs the broker some work, even when nobody uses it, and is listed with all others.
    A test may have deleted some of them, or stopped the broker: then they stay.
    """
    if not isinstance(container.bus, RabbitMQBus):
        return
    topology = topology_of_service(container.service, container.settings.service_name)
    with suppress(BusUnavailable, *BROKER_ERRORS):
        delete_from_broker(container.settings.rabbitmq_url, topology)


def delete_from_broker(url: str, topology: Topology) -> None:
    """Delete the queues and the own exchanges of a service.

    Raises:
        BusUnavailable: the broker does not answer.
    """
    with connect(parameters_of(url)) as connection:
        channel = connection.channel()
        for queue in topology.queues:
            channel.queue_delete(queue.name)
        for exchange in topology.exchanges:
            if exchange.owned:
                channel.exchange_delete(exchange.name)
