"""The names on the broker, by the service they belong to."""

RETRY_DELAYS_SECONDS = (5, 60, 600)
"""How long a message is held back after its first, second and third failure: a queue for each."""


def events_exchange(service: str) -> str:
    """Return the name of the exchange that takes a service's events."""
    return f"{service}.events"


def unrouted(service: str) -> str:
    """Return the name of the exchange and queue that keep events which no queue wants."""
    return f"{service}.unrouted"


def inbox(service: str) -> str:
    """Return the name of the queue of other services' events."""
    return f"{service}.inbox"


def retry_queue(service: str, delay_seconds: int) -> str:
    """Return the name of the queue that holds messages back before they come again."""
    return f"{inbox(service)}.retry.{delay_seconds}s"


def parked(service: str) -> str:
    """Return the name of the queue of messages that only a person can help."""
    return f"{inbox(service)}.parked"
