"""The servers, the functions in processes of their own, and what kills them."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pika

from carafe.development.local_service import queue_environment
from carafe.development.servers.stack import Stack
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
    """Everything that runs, and may be killed.

    Args:
        stack: the servers.
        folder: for the logs of the functions.
    """

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.environment = self._wired(stack)
        settings = Settings.read(self.environment, declared.name)
        self.container = declared.wired(settings)
        self.kills: Counter[str] = Counter()
        self._folder = folder
        self._functions: dict[str, subprocess.Popen[bytes]] = {}

    def prepare(self) -> None:
        """Make database, bus and the consumer's queue; then start the functions."""
        assert self.stack.rabbitmq is not None
        self.container.prepare_database()
        self.container.prepare_bus()
        with pika.BlockingConnection(pika.URLParameters(self.stack.rabbitmq.url)) as connection:
            channel = connection.channel()
            quorum = {"x-queue-type": "quorum"}
            channel.queue_declare(CONSUMER_QUEUE, durable=True, arguments=quorum)
            channel.queue_bind(CONSUMER_QUEUE, events_exchange(SERVICE), "#")
        # RabbitMQ 3.10 loses queues that a kill meets soon after their declaration.
        self.stack.rabbitmq.stop()
        self.stack.rabbitmq.start()
        for names in FUNCTIONS:
            self._start_function("+".join(names))

    def kill(self, victim: str) -> None:
        """End a server or a function as a crash would, and start it again."""
        self.kills[victim] += 1
        if victim in self._functions:
            self._functions[victim].kill()
            self._functions[victim].wait()
            self._start_function(victim)
            return
        server = self.stack.rabbitmq if victim == "broker" else self.stack.mongodb
        assert server is not None
        server.kill()
        server.start()

    @property
    def functions(self) -> list[str]:
        """The names of the functions, as `kill` takes them."""
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


def schedule(generator: random.Random, kills: int, functions: list[str]) -> Iterator[str]:
    """Yield victims: broker and database so many times each, functions in between."""
    victims = ["broker", "database"] * kills
    generator.shuffle(victims)
    for victim in victims:
        yield victim
        yield generator.choice(functions)


@contextmanager
def running_world(folder: Path) -> Iterator[World]:
    """Start everything in a folder, and end it with the block."""
    with Stack(folder, {}, SERVERS, preferred_ports=False) as stack:
        world = World(stack, folder)
        try:
            world.prepare()
            yield world
        finally:
            world.stop()


def pause(generator: random.Random, longest_seconds: float) -> None:
    """Let the load go on for a while between two kills."""
    time.sleep(generator.uniform(0, longest_seconds))
