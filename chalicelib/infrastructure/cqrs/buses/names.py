"""The names on the broker, by the service they belong to."""


def events_exchange(service: str) -> str:
    """Return the name of the exchange that takes a service's events."""
    return f"{service}.events"


def unrouted(service: str) -> str:
    """Return the name of the exchange and queue that keep events which no queue wants."""
    return f"{service}.unrouted"
