"""What every event bus promises, held by each of them."""

from carafe.testing.suites import MemoryBusTests, RabbitMQBusTests


class TestMemoryBus(MemoryBusTests):
    """The bus that EVENT_BUS_TYPE=base chooses."""


class TestRabbitMQBus(RabbitMQBusTests):
    """The bus that EVENT_BUS_TYPE=rabbitmq chooses."""
