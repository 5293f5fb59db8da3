"""The service's broker, if it has one."""

from carafe.development.expected_error import ExpectedError
from carafe.development.project import container


class NoBroker(ExpectedError):
    """There is no broker; the message says why."""


def broker_service() -> str:
    """Return the name of the service.

    Raises:
        NoBroker: the bus is the in-memory one.
    """
    settings = container().settings
    if not settings.rabbitmq_url:
        raise NoBroker("EVENT_BUS_TYPE is base: the bus is in memory, and there is no broker.")
    name: str = settings.service_name
    return name
