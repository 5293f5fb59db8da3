"""A RabbitMQ of our own: one node, as any user, with its management API."""

import logging
import os
import re
from pathlib import Path

import pika
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError

from .erlang import RabbitFiles, find_rabbitmq
from .ports import choose_port
from .probes import PROBE_SECONDS
from .process import ServerProcess, Tell, silent

NODE = "local@localhost"
START_SECONDS = 90.0
STOP_SECONDS = 30.0

# pika logs what its exceptions say as well; where nobody set up logging, nobody wants that.
logging.getLogger("pika").addHandler(logging.NullHandler())

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{port}
management.tcp.port = {management_port}
management.tcp.ip = 127.0.0.1
management_agent.disable_metrics_collector = true
# By itself it stops accepting messages when less than 50 MB of the disk are free.
disk_free_limit.absolute = 1MB
log.console = true
log.console.level = info
log.file = false
"""

# Erlang forgets a request to end that comes while it boots, so the node also looks by itself, and
# repeats the request until it is heard, or ends without it.
END_WITH_PARENT = """\
Parent = fun() ->
    {{ok, Status}} = file:read_file("/proc/self/stat"),
    lists:nth(4, string:lexemes(Status, " "))
end,
spawn(fun Watch() ->
    timer:sleep(1000),
    case Parent() of
        <<"{parent}">> -> Watch();
        _ -> [begin init:stop(), timer:sleep(1000) end || _ <- lists:seq(1, 10)], halt()
    end
end)."""


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
        self._management_port = choose_port()
        self._distribution_port = choose_port()

    @property
    def url(self) -> str:
        """Where clients find it, with the name and password that RabbitMQ has for local use."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"

    @property
    def management_url(self) -> str:
        """Where its management API is; name and password are the same."""
        return f"http://127.0.0.1:{self._management_port}"

    def start(self, tell: Tell = silent) -> None:
        """Start, and wait until it accepts a connection.

        Args:
            tell: told when something must be fetched first.

        Raises:
            MissingPart: RabbitMQ is not there and could not be fetched.
            ServerFailed: it ended, or was not ready in time.
        """
        files = find_rabbitmq(tell, self.process.abandoned)
        folder = self.process.folder
        (folder / "rabbitmq.conf").write_text(self._configuration())
        (folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
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
        return self.process.listens(self.port) and rabbitmq_answers(self.url)

    def _configuration(self) -> str:
        return CONFIGURATION.format(port=self.port, management_port=self._management_port)

    def _arguments(self) -> list[str]:
        arguments = ["-noinput", "-boot", "start_sasl", "+W", "w"]
        arguments += ["-eval", END_WITH_PARENT.format(parent=os.getpid()), "-s", "rabbit", "boot"]
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
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "environment.conf"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
        }


def rabbitmq_answers(url: str) -> bool:
    """Say whether a RabbitMQ is there and accepts the credentials."""
    try:
        parameters = pika.URLParameters(url)
    except Exception:  # noqa: BLE001 - pika lets whatever a malformed address causes go through
        return False
    parameters.socket_timeout = parameters.stack_timeout = PROBE_SECONDS
    try:
        pika.BlockingConnection(parameters).close()
    except (AMQPError, AMQPConnectorException, OSError):
        return False
    return True


def explain(line: str) -> str | None:
    """Take the reason from one of the lines that tell it without Erlang's details.

    A line that ends in the middle of a term, with a comma, tells nothing yet.
    """
    found = re.search(r"(?:for reason|^ERROR:|Error during startup:) (.+[^,])$", line)
    return found[1] if found else None
