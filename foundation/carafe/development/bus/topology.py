"""What the service needs on its broker."""

from typing import Any

from carafe.development.project import project
from carafe.infrastructure.declaration import Declaration
from carafe.infrastructure.event_bus.topology import Topology, topology_of


def topology_on_broker(name: str) -> Topology:
    """Return what the service needs on the broker under a name."""
    return topology_of_service(project().service, name)


def topology_of_service(service: Declaration[Any], name: str) -> Topology:
    """Return what any service needs on the broker under a name."""
    return topology_of(
        name,
        service.subscribed,
        own_events=service.own_events,
        sends_commands=bool(service.outgoing),
    )
