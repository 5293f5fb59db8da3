"""What the service needs on its broker."""

from carafe.development.project import project
from carafe.infrastructure.event_bus.topology import Topology, topology_of


def topology_on_broker(service: str) -> Topology:
    """Return what the service needs on the broker under a name."""
    declared = project().service
    return topology_of(
        service,
        declared.subscribed,
        own_events=declared.own_events,
        sends_commands=bool(declared.outgoing),
    )
