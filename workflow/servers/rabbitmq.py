"""A RabbitMQ of our own: one node, no plugins, as any user."""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pika
from pika.exceptions import AMQPError

from .erlang import RabbitFiles, find_rabbitmq
from .ports import choose_port
from .probes import PROBE_SECONDS, listens
from .process import ServerProcess, Tell, silent

NODE = "local@localhost"
START_SECONDS = 90.0
STOP_SECONDS = 30.0

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{port}
# By itself it stops accepting messages when less than 50 MB of the disk are free.
disk_free_limit.absolute = 1MB
log.console = true
log.console.level = info
log.file = false
"""


class RabbitServer:
    """A RabbitMQ of our own on 127.0.0.1, with its data in the folder.

    It is started as RabbitMQ's own script does it, but without that script, which insists on
    the machine's paths and on epmd, a daemon that all Erlang programs of a machine share: with a
    fixed port for its distribution a node needs none.

    Args:
        folder: its own; kept from one start to the next.
        port: the preferred one; another is taken if it is not free.
    """

    name = "RabbitMQ"

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.process = ServerProcess(self.name, folder, explain)
        self.port = choose_port(port)
        self._distribution_port = choose_port()

    @property
    def url(self) -> str:
        """Where clients find it, with the name and password that RabbitMQ has for local use."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"

    def start(self, tell: Tell = silent) -> None:
        """Start, and wait until it accepts a connection.

        Args:
            tell: told when something must be fetched first.

        Raises:
            MissingPart: RabbitMQ is not there and could not be fetched.
            ServerFailed: it ended, or was not ready in time.
        """
        files = find_rabbitmq(tell)
        folder = self.process.folder
        (folder / "rabbitmq.conf").write_text(CONFIGURATION.format(port=self.port))
        (folder / "enabled_plugins").write_text("[].\n")
        (folder / "environment.conf").touch()
        command = [str(files.runtime / "erlexec"), *self._arguments()]
        self.process.start(command, self._environment(files))
        self.process.wait_until_ready(self._is_ready, START_SECONDS)

    def stop(self) -> None:
        """Shut down in order."""
        self.process.stop(STOP_SECONDS)

    def kill(self) -> None:
        """End it as a crash would; `start` brings it back with its data."""
        self.process.kill()

    def _is_ready(self) -> bool:
        return listens(self.port) and rabbitmq_answers(self.url)

    def _arguments(self) -> list[str]:
        arguments = ["-noinput", "-boot", "start_sasl", "-s", "rabbit", "boot", "+W", "w"]
        arguments += ["-syslog", "logger", "[]", "-syslog", "syslog_error_logger", "false"]
        # Named from the start: otherwise RabbitMQ does it, and starts epmd first.
        arguments += ["-sname", NODE, "-erl_epmd_port", str(self._distribution_port)]
        return [*arguments, "-kernel", "inet_dist_use_interface", "{127,0,0,1}"]

    def _environment(self, files: RabbitFiles) -> dict[str, str]:
        folder = self.process.folder
        return {
            "PATH": os.defpath,
            "HOME": str(folder),  # for the cookie, the password of Erlang's distribution
            "ROOTDIR": str(files.erlang),
            "BINDIR": str(files.runtime),
            "EMU": "beam",
            "PROGNAME": "erl",
            "ERL_LIBS": ":".join(str(path) for path in files.libraries),
            "ERL_CRASH_DUMP_BYTES": "0",
            # RabbitMQ calls for epmd every minute: this keeps it from being started, and port 1,
            # where nobody listens, from meeting the machine's own.
            "ERL_FLAGS": "-start_epmd false",
            "ERL_EPMD_PORT": "1",
            "RABBITMQ_NODENAME": NODE,
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_LOG": "-color",
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "environment.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
        }


def rabbitmq_answers(url: str) -> bool:
    """Say whether a RabbitMQ is there and accepts the credentials."""
    try:
        parameters = pika.URLParameters(url)
        parameters.socket_timeout = parameters.stack_timeout = PROBE_SECONDS
        parameters.blocked_connection_timeout = PROBE_SECONDS
        with _quiet_pika():
            pika.BlockingConnection(parameters).close()
    except (AMQPError, OSError, ValueError):
        return False
    return True


@contextmanager
def _quiet_pika() -> Iterator[None]:
    """Keep pika from logging what its exceptions say as well."""
    logger = logging.getLogger("pika")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def explain(line: str) -> str | None:
    """Take the reason from a log line that reports an error."""
    found = re.search(r"(?:\[error\] <\S+> |^ERROR: )(.*\w.*)", line)
    return found[1] if found else None
