"""A service's place on the broker, in the form that `access` and the platform's function take."""

import msgspec

from carafe.infrastructure.event_bus.topology import Topology


def place_of(service: str, topology: Topology) -> dict[str, object]:
    """Return what a service needs on the broker, as JSON has it."""
    return {"service": service, **msgspec.to_builtins(topology)}
