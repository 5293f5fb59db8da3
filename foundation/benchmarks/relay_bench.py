"""Real servers, a queue for the events and a wired service, for as long as the benchmark runs."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pika
import pymongo
from pymongo.collection import Collection

from carafe.development.local_service import queue_environment
from carafe.development.servers.process import Report
from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.names import events_exchange
from chalicelib.infrastructure.bootstrap import service
from chalicelib.infrastructure.settings import Settings
from local.servers import SERVERS

from .many_orders import pending_orders

PROJECT = Path(__file__).parents[2]
QUEUE = "bench"
DELETION_SECONDS = 300.0
SERVICE = "ordering"


@dataclass(frozen=True)
class RelayBench:
    """The wired service and its environment.

    Attributes:
        container: the service, wired as in production.
        environment: for child processes.
    """

    container: Container[Settings]
    environment: Mapping[str, str]

    @property
    def rabbitmq_url(self) -> str:
        """Where the broker is."""
        return self.container.settings.rabbitmq_url

    @property
    def exchange(self) -> str:
        """The exchange of the service's events."""
        return events_exchange(SERVICE)

    @property
    def collection(self) -> Collection[dict[str, Any]]:
        """The orders."""
        return self.container.database["orders"]

    def bodies(self, count: int) -> list[bytes]:
        """Return a number of ready bodies, the same as the relay publishes."""
        documents = pending_orders(1)
        events = [event for document in documents for event in document["pending"]]
        return [events[number % len(events)]["body"].encode() for number in range(count)]

    def empty_queue(self) -> None:
        """Remove the published messages and the documents."""
        with pymongo.timeout(DELETION_SECONDS):
            self.collection.delete_many({})
        with pika.BlockingConnection(pika.URLParameters(self.rabbitmq_url)) as connection:
            connection.channel().queue_purge(QUEUE)

    @contextmanager
    def bridges(self, count: int) -> Iterator[None]:
        """Run a number of bridges, each in its own process, as in Lambda."""
        with ExitStack() as stack:
            for _ in range(count):
                child = subprocess.Popen(
                    [sys.executable, "-m", "carafe.development.functions", "bridge"],
                    cwd=PROJECT,
                    env={**os.environ, **self.environment},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
                stack.callback(child.wait)
                stack.callback(child.terminate)
                if child.stdout is not None:
                    child.stdout.readline()  # printed when it has begun
            yield


@contextmanager
def benchmarked_relay(report: Report) -> Iterator[RelayBench]:
    """Start every server in a temporary folder, and wire a service to them.

    Args:
        report: called with each step that takes long.
    """
    with tempfile.TemporaryDirectory(prefix="carafe-bench-") as folder:
        report("starting MongoDB, RabbitMQ and SQS")
        with Stack(Path(folder), {}, SERVERS, preferred_ports=False) as stack:
            environment = {**stack.environment, "SERVICE_NAME": SERVICE}
            os.environ.update(environment)
            environment |= queue_environment(stack.environment["AWS_ENDPOINT_URL"])
            container = service.wired(Settings.read(environment, service.name))
            container.prepare_database()
            container.prepare_bus()
            declare_queue(container)
            yield RelayBench(container, environment)
            container.bus.close()
            container.database.client.close()


def declare_queue(container: Container[Settings]) -> None:
    """Declare a queue that receives all events of the service."""
    with pika.BlockingConnection(pika.URLParameters(container.settings.rabbitmq_url)) as connection:
        channel = connection.channel()
        channel.queue_declare(QUEUE, durable=True, arguments={"x-queue-type": "quorum"})
        channel.queue_bind(QUEUE, events_exchange(SERVICE), "#")
