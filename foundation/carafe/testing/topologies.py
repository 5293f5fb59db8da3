"""Exchanges and queues of tests, each declared once and emptied for later tests."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from carafe.development.broker.management import Management, ManagementUnavailable
from carafe.development.bus.topology import topology_of_service
from carafe.infrastructure.container import Container
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.connections import BROKER_ERRORS, connect, parameters_of
from carafe.infrastructure.event_bus.names import inbox_queue, parked_queue
from carafe.infrastructure.event_bus.topology import Topology

from .broker import delete_from_broker, remove_from_broker
from .reuse import Reuse


class Topologies(Reuse):
    """What one service declares on the broker of the tests; `close` deletes it all.

    Args:
        environment: the addresses of the broker, and of its management API.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        super().__init__()
        self._url = environment["RABBITMQ_URL"]
        self._management = Management(self._url, environment.get("RABBITMQ_MANAGEMENT_URL"))
        self._topologies: dict[str, Topology] = {}

    def prepare(self, container: Container[Any]) -> None:
        """Declare what a service needs, unless it is there; then its queues are empty."""
        if self._is_elsewhere(container):
            if container.settings.service_name in self._states:
                self._refresh(container.settings.service_name)  # that way may lead here, too
            container.prepare_bus()
        else:
            super().prepare(container)

    def give_back(self, container: Container[Any]) -> None:
        """Keep what a test had for a later one; delete it if the test has changed its form."""
        if self._is_elsewhere(container):
            remove_from_broker(container)
        else:
            super().give_back(container)

    def _is_elsewhere(self, container: Container[Any]) -> bool:
        """Return whether a test has a broker of its own, or a way of its own to this one."""
        url: str = container.settings.rabbitmq_url
        return url != self._url

    @staticmethod
    def _name_of(container: Container[Any]) -> str:
        name: str = container.settings.service_name
        return name

    def _make(self, container: Container[Any]) -> None:
        name = container.settings.service_name
        container.prepare_bus()
        self._topologies[name] = topology_of_service(container.service, name)

    def _state_of(self, name: str) -> object:
        try:
            live = self._management.live()
        except ManagementUnavailable:
            return object()  # like no other: what cannot be seen is not used again
        own = {each for each in (*live.exchanges, *live.queues) if each.startswith(f"{name}.")}
        return (
            {each.name: each for each in live.exchanges.values() if each.name in own},
            {
                each.name: (each.durable, each.arguments)
                for each in live.queues.values()
                if each.name in own
            },
            {each for each in live.bindings if {each.exchange, each.queue} & own},
        )

    def _is_emptied(self, name: str) -> bool:
        """Return True: a consumer that ends may still put messages back, so `_refresh` purges."""
        del name
        return True

    def _refresh(self, name: str) -> None:
        # In the order in which messages move on: from the retry queues to the inbox, then parked.
        goals = (inbox_queue(name), parked_queue(name))
        queues = sorted((each.name for each in self._topologies[name].queues), key=goals.count)
        with connect(parameters_of(self._url)) as connection:
            channel = connection.channel()
            for queue in queues:
                channel.queue_purge(queue)

    def _remove(self, name: str) -> None:
        with suppress(BusUnavailable, *BROKER_ERRORS):  # a test may have stopped the broker
            delete_from_broker(self._url, self._topologies.pop(name))
