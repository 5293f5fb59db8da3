"""All servers that the service needs, at once."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from .aws import AwsServer
from .errors import LocalServerError
from .folder_lock import locked
from .given import require_answer
from .issuer import TokenIssuer
from .mongodb import MongoServer
from .python_server import PythonServer
from .rabbitmq import RabbitServer

Progress = Callable[[str, str], None]
Server = MongoServer | RabbitServer | PythonServer

S = TypeVar("S", MongoServer, RabbitServer, AwsServer, TokenIssuer)

VARIABLES = {
    "MONGO_URI": MongoServer.name,
    "RABBITMQ_URL": RabbitServer.name,
    "AWS_ENDPOINT_URL": AwsServer.name,
    "TOKEN_ISSUER": TokenIssuer.name,
}
"""Where an address may be given, and for which part."""

MONGODB_PORT = 27017
RABBITMQ_PORT = 5672

# LocalStack and moto ask for credentials, but not for right ones, and keep the queues of each
# region apart. Real ones have no business here.
AWS_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
AWS_REGION = "us-east-1"


def silent(_part: str, _message: str) -> None:
    """Tell nobody."""


class Stack:
    """MongoDB, RabbitMQ, SQS, issuer of tokens, and more; `with` starts and stops them.

    A part whose address the environment gives is not started, only asked whether it is there.
    With `EVENT_BUS_TYPE=base` there is no RabbitMQ.

    Args:
        folder: where all of them keep their files; one stack at a time.
        given: the environment as the user set it.
        others: servers that the service itself brings.
        preferred_ports: take the ports that everybody expects, if they are free.
        test_commands: allow failpoints in MongoDB.
        progress: told what happens, as part and message; one call at a time.

    Attributes:
        environment: the addresses in use, after the start; the given ones included.
        names: of all parts, by the variable that may give their address.
        mongodb: our own, or None; so `rabbitmq`, `aws`, `issuer`.
        others: those of the service that were started, by variable.
    """

    def __init__(  # noqa: PLR0913 - each is a choice of its own
        self,
        folder: Path,
        given: Mapping[str, str],
        others: Sequence[type[PythonServer]] = (),
        *,
        preferred_ports: bool = True,
        test_commands: bool = False,
        progress: Progress = silent,
    ) -> None:
        self.folder = folder
        self.environment: dict[str, str] = {}
        self.mongodb: MongoServer | None = None
        self.rabbitmq: RabbitServer | None = None
        self.aws: AwsServer | None = None
        self.issuer: TokenIssuer | None = None
        self.others: dict[str, PythonServer] = {}
        self.names = VARIABLES | {each.variable: each.name for each in others}
        self._kinds = tuple(others)
        self._given = {name: value for name, value in given.items() if value}
        self._preferred_ports = preferred_ports
        self._test_commands = test_commands
        self._progress = progress
        self._telling = threading.Lock()
        self._exits = ExitStack()
        self._servers: list[Server] = []

    def start(self) -> None:
        """Start what is not given, all at the same time.

        Raises:
            LocalServerError: a part is missing, failed or does not answer; the others are stopped.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._exits.enter_context(locked(self.folder))
            self._exits.callback(self._stop_servers)
            self._servers = self._make_servers()
            self._bring_up()
        except OSError as failure:
            self.stop()
            what = f"{failure.strerror}: {failure.filename}"
            raise LocalServerError(f"{what}: make it accessible, or remove it.") from failure
        except BaseException:
            self.stop()
            raise
        self.environment = self._addresses()

    def stop(self) -> None:
        """Stop what was started, all at the same time, even if one of them fails to stop."""
        self._exits.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _make_servers(self) -> list[Server]:
        mongodb = partial(MongoServer, test_commands=self._test_commands)
        self.mongodb = self._make("MONGO_URI", mongodb, "mongodb", MONGODB_PORT)
        if self._given.get("EVENT_BUS_TYPE") != "base":
            self.rabbitmq = self._make("RABBITMQ_URL", RabbitServer, "rabbitmq", RABBITMQ_PORT)
        self.aws = self._make(AwsServer.variable, AwsServer, "aws", AwsServer.usual_port)
        self.issuer = self._make(
            TokenIssuer.variable, TokenIssuer, "issuer", TokenIssuer.usual_port
        )
        self.others = {
            kind.variable: kind(self.folder / kind.name.lower(), self._port(kind.usual_port))
            for kind in self._kinds
            if kind.variable not in self._given
        }
        servers = (self.mongodb, self.rabbitmq, self.aws, self.issuer, *self.others.values())
        return [server for server in servers if server is not None]

    def _make(
        self, variable: str, kind: Callable[[Path, int | None], S], folder: str, port: int
    ) -> S | None:
        if variable in self._given:
            return None
        return kind(self.folder / folder, self._port(port))

    def _port(self, usual: int) -> int | None:
        return usual if self._preferred_ports else None

    def _bring_up(self) -> None:
        """Start and ask in parallel; the first fault ends the starts of the others."""
        with ThreadPoolExecutor(len(self.names)) as pool:
            try:
                steps = [pool.submit(self._start_server, server) for server in self._servers]
                steps += [
                    pool.submit(self._ask, name) for name in self.names if name in self._given
                ]
                for step in wait(steps, return_when=FIRST_EXCEPTION).done:
                    step.result()
            except BaseException:
                self._tell("Carafe", "stopping")
                for server in self._servers:
                    # In the middle of a start, RabbitMQ does not hear a request.
                    server.process.abandon()
                raise

    def _stop_servers(self) -> None:
        with ThreadPoolExecutor(len(self.names)) as pool:
            stops = [pool.submit(server.stop) for server in self._servers]
        for stop in stops:
            stop.result()

    def _start_server(self, server: Server) -> None:
        self._tell(server.name, "starting")
        began = time.monotonic()
        server.start(partial(self._tell, server.name))
        seconds = time.monotonic() - began
        self._tell(server.name, f"ready on 127.0.0.1:{server.port} after {seconds:.1f} s")

    def _ask(self, variable: str) -> None:
        require_answer(variable, self._given[variable], self.names[variable])
        self._tell(self.names[variable], f"there already, where {variable} says")

    def _tell(self, part: str, message: str) -> None:
        with self._telling:
            self._progress(part, message)

    def _addresses(self) -> dict[str, str]:
        addresses = {name: self._given[name] for name in self.names if name in self._given}
        addresses["AWS_DEFAULT_REGION"] = AWS_REGION
        if self.mongodb:
            addresses["MONGO_URI"] = self.mongodb.uri
        if self.rabbitmq:
            addresses["RABBITMQ_URL"] = self.rabbitmq.url
            addresses["RABBITMQ_MANAGEMENT_URL"] = self.rabbitmq.management_url
        if self.aws:
            addresses["AWS_ENDPOINT_URL"] = self.aws.endpoint_url
            addresses |= AWS_CREDENTIALS
        else:
            addresses |= {name: self._given.get(name, own) for name, own in AWS_CREDENTIALS.items()}
        addresses |= {name: server.url for name, server in self.others.items()}
        if self.issuer:
            addresses["TOKEN_ISSUER"] = self.issuer.url
        return addresses
