"""All servers that a service needs, together."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from .aws import AwsServer
from .errors import LocalServerError, PortTaken
from .folder_lock import locked
from .issuer import TokenIssuer
from .mongodb import MongoServer
from .python_server import PythonServer
from .rabbitmq import RabbitServer
from .server_group import Progress, Server, ServerGroup, no_progress

S = TypeVar("S", MongoServer, RabbitServer, AwsServer, TokenIssuer)

VARIABLES = {
    "MONGO_URI": MongoServer.name,
    "RABBITMQ_URL": RabbitServer.name,
    "AWS_ENDPOINT_URL": AwsServer.name,
    "TOKEN_ISSUER": TokenIssuer.name,
}
"""The variables that may hold a server's address, and the server's name."""

MANAGEMENT_URL = "RABBITMQ_MANAGEMENT_URL"
"""Where the management API of an external RabbitMQ is, unless it has its usual port."""

MONGODB_PORT = 27017
RABBITMQ_PORT = 5672

MOST_STARTS = 3
"""Attempts to start all servers, if another program takes one of their ports each time."""

TRYING_OTHERS = "another program took its port meanwhile: all start once more, on other ports"
"""What is said of it: nothing has failed."""

# LocalStack and moto require credentials, but accept any, and keep the queues of each region apart.
# Real credentials are never used here.
AWS_CREDENTIALS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
AWS_REGION = "us-east-1"


class Stack:
    """MongoDB, RabbitMQ, SQS, a token issuer and more; `with` starts and stops them.

    A server whose address is in the environment is external: it is not started, but must be
    reachable. With `EVENT_BUS_TYPE=base` there is no RabbitMQ.

    Args:
        folder: where all of them keep their files; one stack uses it at a time.
        environment: the variables that the user set.
        others: the servers that the service itself declares.
        preferred_ports: use the servers' usual ports where they are free.
        test_commands: allow failpoints in MongoDB.
        progress: called with each message, one call at a time.

    Attributes:
        environment: the addresses in use after the start, external ones included.
        names: of all servers, by the variable that may hold their address.
        mongodb: the local server, or None; likewise `rabbitmq`, `aws`, `issuer`.
        others: the service's own servers that were started, by variable.
    """

    def __init__(  # noqa: PLR0913 - independent options
        self,
        folder: Path,
        environment: Mapping[str, str],
        others: Sequence[type[PythonServer]] = (),
        *,
        preferred_ports: bool = True,
        test_commands: bool = False,
        progress: Progress = no_progress,
    ) -> None:
        self.folder = folder
        self.environment: dict[str, str] = {}
        self.mongodb: MongoServer | None = None
        self.rabbitmq: RabbitServer | None = None
        self.aws: AwsServer | None = None
        self.issuer: TokenIssuer | None = None
        self.others: dict[str, PythonServer] = {}
        self.names = VARIABLES | {each.variable: each.name for each in others}
        self._other_types = tuple(others)
        self._user_environment = {name: value for name, value in environment.items() if value}
        self._preferred_ports = preferred_ports
        self._test_commands = test_commands
        self._progress = progress
        self._exits = ExitStack()

    def start(self) -> None:
        """Check the external servers, then start the local ones; each at the same time.

        Raises:
            LocalServerError: a program is missing, a server failed or is unreachable; the other
                servers are stopped.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._exits.enter_context(locked(self.folder))
            self._start_servers()
        except OSError as error:
            self.stop()
            reason = f"{error.strerror}: {error.filename}"
            raise LocalServerError(f"{reason}: make it accessible, or remove it.") from error
        except BaseException:
            self.stop()
            raise
        self.environment = self._addresses()

    def stop(self) -> None:
        """Stop the local servers, all at the same time, even if one of them fails to stop."""
        self._exits.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        _error_type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _start_servers(self) -> None:
        """Start the servers; if another program takes a port meanwhile, all start on other ones.

        Between the choice of a port and the moment when a server listens there, many seconds may
        pass, and servers are told of each other's ports before any of them starts.
        """
        for attempt in range(1, MOST_STARTS + 1):
            with ExitStack() as exits:
                group = ServerGroup(
                    self._make_servers(), self._external_addresses(), self.names, self._progress
                )
                exits.callback(group.stop)
                try:
                    group.start()
                except PortTaken as failure:
                    if attempt == MOST_STARTS:
                        raise
                    self._progress(failure.server, TRYING_OTHERS)
                else:
                    self._exits.push(exits.pop_all())
                    return

    def _make_servers(self) -> list[Server]:
        mongodb = partial(MongoServer, test_commands=self._test_commands)
        self.mongodb = self._make("MONGO_URI", mongodb, "mongodb", MONGODB_PORT)
        if self._user_environment.get("EVENT_BUS_TYPE") != "base":
            self.rabbitmq = self._make("RABBITMQ_URL", RabbitServer, "rabbitmq", RABBITMQ_PORT)
        self.aws = self._make(AwsServer.variable, AwsServer, "aws", AwsServer.usual_port)
        self.issuer = self._make(
            TokenIssuer.variable, TokenIssuer, "issuer", TokenIssuer.usual_port
        )
        self.others = {
            each.variable: each(self.folder / each.name.lower(), self._port(each.usual_port))
            for each in self._other_types
            if each.variable not in self._user_environment
        }
        for each in self.others.values():
            each.variables |= self._broker_variables()
        servers = (self.mongodb, self.rabbitmq, self.aws, self.issuer, *self.others.values())
        return [server for server in servers if server is not None]

    def _make(
        self, variable: str, make_server: Callable[[Path, int | None], S], folder: str, port: int
    ) -> S | None:
        if variable in self._user_environment:
            return None
        return make_server(self.folder / folder, self._port(port))

    def _broker_variables(self) -> dict[str, str]:
        """Return what leads the service's own servers to the broker, if there is one.

        It starts at the same time as they do.
        """
        environment = self._user_environment
        if self.rabbitmq:
            broker = {"RABBITMQ_URL": self.rabbitmq.url}
        elif environment.get("EVENT_BUS_TYPE") == "base":
            return {}
        else:
            broker = {"RABBITMQ_URL": environment["RABBITMQ_URL"]}
        name = environment.get("SERVICE_NAME")
        return broker | ({"SERVICE_NAME": name} if name else {})

    def _port(self, usual: int) -> int | None:
        return usual if self._preferred_ports else None

    def _external_addresses(self) -> dict[str, str]:
        environment = self._user_environment
        return {name: environment[name] for name in self.names if name in environment}

    def _addresses(self) -> dict[str, str]:
        addresses = {**self._external_addresses(), "AWS_DEFAULT_REGION": AWS_REGION}
        if self.mongodb:
            addresses["MONGO_URI"] = self.mongodb.uri
        if self.rabbitmq:
            addresses["RABBITMQ_URL"] = self.rabbitmq.url
            addresses[MANAGEMENT_URL] = self.rabbitmq.management_url
        elif MANAGEMENT_URL in self._user_environment:
            addresses[MANAGEMENT_URL] = self._user_environment[MANAGEMENT_URL]
        if self.aws:
            addresses["AWS_ENDPOINT_URL"] = self.aws.endpoint_url
            addresses |= AWS_CREDENTIALS
        else:
            environment = self._user_environment
            addresses |= {
                name: environment.get(name, local) for name, local in AWS_CREDENTIALS.items()
            }
        addresses |= {name: server.url for name, server in self.others.items()}
        if self.issuer:
            addresses["TOKEN_ISSUER"] = self.issuer.url
        return addresses
