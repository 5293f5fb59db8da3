"""What every event bus promises, held by each of them."""

import subprocess
import sys
from typing import Any

from carafe.infrastructure.container import Container
from carafe.testing.suites import MemoryBusTests, RabbitMQBusTests

SUBSCRIBES = """
import sys
from pika.adapters.blocking_connection import BlockingChannel
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus

flush = BlockingChannel._flush_output

def interrupt(*_):
    BlockingChannel._flush_output = flush
    sys.exit(130)

with RabbitMQBus(*sys.argv[1:]).subscribe(["#"]) as subscription:
    BlockingChannel._flush_output = interrupt
    subscription.receive(1)
"""
"""Ctrl-C comes while it begins to consume: pika asserts later that it had begun."""


class TestMemoryBus(MemoryBusTests):
    """The bus that EVENT_BUS_TYPE=base chooses."""


class TestRabbitMQBus(RabbitMQBusTests):
    """The bus that EVENT_BUS_TYPE=rabbitmq chooses."""


def test_ctrl_c_ends_a_subscription_in_whatever_it_does(service: Container[Any]) -> None:
    place = (service.settings.rabbitmq_url, service.settings.service_name)
    command = [sys.executable, "-c", SUBSCRIBES, *place]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")
