"""The servers, the functions in processes of their own, and what happens to them."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pika

from carafe.development.local_service import queue_environment
from carafe.development.servers.mongodb import MongoServer
from carafe.development.servers.rabbitmq import RabbitServer
from carafe.development.servers.stack import Stack
from carafe.infrastructure.event_bus.connections import connect, parameters_of
from carafe.infrastructure.event_bus.names import events_exchange
from chalicelib.infrastructure.bootstrap import service as declared
from chalicelib.infrastructure.settings import Settings
from local.servers import SERVERS

ROOT = Path(__file__).parents[4]
SERVICE = "soak"
CONSUMER_QUEUE = "soak.consumer"

# Two bridges, so that two may work on one document.
FUNCTIONS = (("bridge",), ("bridge", "sweep"), ("consume",))


class World:
    """Everything that runs, and may fail.

    Args:
        stack: the servers.
        folder: for the logs of the functions.
        faults: what may happen to the servers, by name; each returns when all is well again.
        restart_broker: stops it and starts it again.
    """

    def __init__(
        self,
        stack: Stack,
        folder: Path,
        faults: Mapping[str, Callable[[], None]],
        restart_broker: Callable[[], None],
    ) -> None:
        self.environment = self._wired(stack)
        settings = Settings.read(self.environment, declared.name)
        self.container = declared.wired(settings)
        self.faults: Counter[str] = Counter()
        self._faults = faults
        self._restart_broker = restart_broker
        self._folder = folder
        self._functions: dict[str, subprocess.Popen[bytes]] = {}

    def prepare(self) -> None:
        """Make database, bus and the consumer's queue; then start the functions."""
        self.container.prepare_database()
        self.container.prepare_bus()
        with self.broker() as connection:
            channel = connection.channel()
            quorum = {"x-queue-type": "quorum"}
            channel.queue_declare(CONSUMER_QUEUE, durable=True, arguments=quorum)
            channel.queue_bind(CONSUMER_QUEUE, events_exchange(SERVICE), "#")
        # RabbitMQ 3.10 loses queues that a kill meets soon after their declaration.
        self._restart_broker()
        for names in FUNCTIONS:
            self._start_function("+".join(names))

    def broker(self) -> pika.BlockingConnection:
        """Return a connection to the broker."""
        return connect(parameters_of(self.container.settings.rabbitmq_url))

    def suffer(self, fault: str) -> None:
        """Have a fault happen to the servers, or kill a function, and start it again."""
        self.faults[fault] += 1
        if fault in self._functions:
            self._functions[fault].kill()
            self._functions[fault].wait()
            self._start_function(fault)
        else:
            self._faults[fault]()

    @property
    def fault_names(self) -> list[str]:
        """What may happen to the servers."""
        return list(self._faults)

    @property
    def functions(self) -> list[str]:
        """The names of the functions, as `suffer` takes them."""
        return list(self._functions)

    def stop(self) -> None:
        """End the functions; the servers belong to the stack."""
        for process in self._functions.values():
            process.terminate()
        for process in self._functions.values():
            process.wait(30)
        self.container.bus.close()
        self.container.database.client.close()

    def _start_function(self, name: str) -> None:
        with (self._folder / f"{name}.log").open("ab") as log:
            self._functions[name] = subprocess.Popen(
                [sys.executable, "-m", "carafe.development.functions", *name.split("+")],
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )

    @staticmethod
    def _wired(stack: Stack) -> Mapping[str, str]:
        environment = {**stack.environment, "SERVICE_NAME": SERVICE, "SWEEP_GRACE_SECONDS": "1"}
        os.environ.update(environment)
        return {**environment, **queue_environment(stack.environment["AWS_ENDPOINT_URL"])}


def schedule(
    generator: random.Random, faults: Iterable[str], times: int, functions: Sequence[str]
) -> Iterator[str]:
    """Yield each fault so many times, in any order, and in between a function to be killed."""
    victims = [*faults] * times
    generator.shuffle(victims)
    for victim in victims:
        yield victim
        yield generator.choice(functions)


@contextmanager
def running_world(folder: Path) -> Iterator[World]:
    """Start everything in a folder, and end it with the block; a fault is a crash of a server."""
    # The world's settings are the process's own, and must not stay for whatever runs after it.
    with patch.dict(os.environ), Stack(folder, {}, SERVERS, preferred_ports=False) as stack:
        broker, database = stack.rabbitmq, stack.mongodb
        assert broker is not None
        assert database is not None
        crashes = {"broker": partial(_crash, broker), "database": partial(_crash, database)}
        yield from running(World(stack, folder, crashes, partial(_restart, broker)))


def running(world: World) -> Iterator[World]:
    """Yield a world that runs; end it afterwards."""
    try:
        world.prepare()
        yield world
    finally:
        world.stop()


def _crash(server: MongoServer | RabbitServer) -> None:
    server.kill()
    server.start()


def _restart(server: RabbitServer) -> None:
    server.stop()
    server.start()


def pause(generator: random.Random, longest_seconds: float) -> None:
    """Let the load go on for a while between two kills."""
    time.sleep(generator.uniform(0, longest_seconds))
