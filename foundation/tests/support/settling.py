"""The inbox of the reference service, as its tests use it."""

import time

from carafe.infrastructure.cqrs.delivery import Delivery
from carafe.infrastructure.cqrs.inbox import Settled


def soon() -> float:
    """Return a deadline that leaves time for everything."""
    return time.monotonic() + 30


def settle(*deliveries: Delivery) -> Settled:
    """Let the service's inbox settle deliveries."""
    from app import functions  # noqa: PLC0415 - after the environment is set

    return functions.inbox().settle(deliveries, soon())
