"""The servers that a test may stop: those that this test run started itself."""

import pytest

from carafe.development.servers.mongodb import MongoServer
from carafe.development.servers.rabbitmq import RabbitServer
from carafe.development.servers.stack import Stack


def own_broker(stack: Stack) -> RabbitServer:
    """Return the broker; skip the test if it belongs to somebody else."""
    if stack.rabbitmq is None:
        pytest.skip("the broker is lent, and this test stops it")
    return stack.rabbitmq


def own_database(stack: Stack) -> MongoServer:
    """Return the database server; skip the test if it belongs to somebody else."""
    if stack.mongodb is None:
        pytest.skip("the database is lent, and this test stops it")
    return stack.mongodb
