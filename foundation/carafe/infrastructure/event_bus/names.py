"""The names of a service's exchanges and queues."""

from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.received_commands import ReceivedCommand

RETRY_DELAYS_SECONDS = (5, 60, 600)
"""The delays after the first, second and third failure of a message; each has its own queue."""


def events_exchange(service: str) -> str:
    """Return the name of the exchange to which a service publishes its events."""
    return f"{service}.events"


def commands_exchange(service: str) -> str:
    """Return the name of the exchange to which a service publishes its commands to others."""
    return f"{service}.commands"


def exchange_of(contract: type[IntegrationEvent]) -> str:
    """Return the name of the exchange to which another service publishes an event or command."""
    is_command = issubclass(contract, ReceivedCommand)
    name_of = commands_exchange if is_command else events_exchange
    return name_of(contract.publisher())


def unrouted_queue(service: str) -> str:
    """Return the name of the queue, and of its exchange, for what no other queue accepts."""
    return f"{service}.unrouted"


def inbox_queue(service: str) -> str:
    """Return the name of the queue for other services' events and commands."""
    return f"{service}.inbox"


def aside_exchange(service: str) -> str:
    """Return the name of the exchange by which a service puts messages aside: held back, parked.

    It leads to the service's own queues alone, by their names; AMQP's default exchange leads to
    every queue of the virtual host.
    """
    return f"{inbox_queue(service)}.aside"


def retry_queue(service: str, delay_seconds: int) -> str:
    """Return the name of the queue that delays messages before they are delivered again."""
    return f"{inbox_queue(service)}.retry.{delay_seconds}s"


def parked_queue(service: str) -> str:
    """Return the name of the queue for messages that need a person."""
    return f"{inbox_queue(service)}.parked"
