"""A service on its own MongoDB while a benchmark runs."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from carafe.development.servers.issuer import TokenIssuer
from carafe.development.servers.mongodb import MongoServer
from carafe.development.servers.process import Report
from carafe.development.servers.rabbitmq import RabbitServer
from carafe.infrastructure.container import Container
from chalicelib.infrastructure.bootstrap import service
from chalicelib.infrastructure.settings import Settings

# Nothing is sent anywhere: the benchmarks give repositories a nudge that does nothing.
_NOWHERE = "http://127.0.0.1:9/"


@contextmanager
def benchmarked_service(
    report: Report, cache_gigabytes: float = 0.25
) -> Iterator[Container[Settings]]:
    """Start a mongod in a temporary folder, and wire the service to it as in production.

    Args:
        report: called with each step that takes long.
        cache_gigabytes: of the server.
    """
    with mongo(report, cache_gigabytes) as uri:
        container = service.wired(_settings(uri))
        yield container
        container.database.client.close()


@contextmanager
def mongo(report: Report, cache_gigabytes: float = 0.25) -> Iterator[str]:
    """Start a mongod in a temporary folder while the block runs, and return its address."""
    with tempfile.TemporaryDirectory(prefix="carafe-bench-") as folder:
        server = MongoServer(Path(folder), cache_gigabytes=cache_gigabytes)
        report("starting MongoDB")
        server.start(report)
        try:
            yield server.uri
        finally:
            server.stop()


@dataclass(frozen=True)
class Servers:
    """Where the servers of a deployed function are.

    Attributes:
        mongo_uri: of MongoDB.
        rabbitmq_url: of RabbitMQ.
        token_issuer: of the issuer of tokens.
    """

    mongo_uri: str
    rabbitmq_url: str
    token_issuer: str


@contextmanager
def servers(report: Report) -> Iterator[Servers]:
    """Start MongoDB, RabbitMQ and an issuer in a temporary folder while the block runs."""
    with ExitStack() as exits:
        uri = exits.enter_context(mongo(report))
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="carafe-bench-")))
        rabbitmq, issuer = RabbitServer(folder / "rabbitmq"), TokenIssuer(folder / "issuer")
        for server in (rabbitmq, issuer):
            report(f"starting {server.name}")
            exits.callback(server.stop)
            server.start(report)
        yield Servers(uri, rabbitmq.url, issuer.url)


def no_nudge(*_nudge: object) -> None:
    """Send no nudge: the queue is not measured."""


def _settings(mongo_uri: str) -> Settings:
    return Settings.read(
        {
            "MONGO_URI": mongo_uri,
            "MONGO_DATABASE": "benchmark",
            "EVENT_BUS_TYPE": "base",
            "NUDGE_QUEUE_URL": _NOWHERE,
            "COMMAND_QUEUE_URL": _NOWHERE,
            "PAYMENTS_URL": _NOWHERE,
            "TOKEN_ISSUER": _NOWHERE,
        },
        service.name,
    )
