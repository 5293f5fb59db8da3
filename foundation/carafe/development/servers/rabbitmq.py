"""A local RabbitMQ: one node, run by any user, with its management API."""

import logging
import os
import re
from pathlib import Path

import pika
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError

from carafe.contracts.addresses import addresses_of_nodes

from .erlang import RabbitFiles, find_rabbitmq
from .ports import choose_port
from .probes import PROBE_SECONDS
from .process import Report, ServerProcess, no_report
from .rabbitmq_boot import END_WITH_PARENT, LOAD_MODULES_AT_ONCE, REMOVE_METRICS_HANDLER

NODE = "local@localhost"
START_SECONDS = 90.0
STOP_SECONDS = 30.0

# pika logs what its exceptions say as well: without logging set up, that would go to stderr.
logging.getLogger("pika").addHandler(logging.NullHandler())

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{port}
management.tcp.port = {management_port}
management.tcp.ip = 127.0.0.1
management_agent.disable_metrics_collector = true
# By default it stops accepting messages when less than 50 MB of the disk are free.
disk_free_limit.absolute = 1MB
log.console = true
log.console.level = info
log.file = false
"""

# As RabbitMQ's own script has it: otherwise Erlang's schedulers spin while they wait, and on a
# machine with few cores, they take the processor from everything else.
NO_BUSY_WAIT = "+sbwt none +sbwtdcpu none +sbwtdio none"


class RabbitServer:
    """A RabbitMQ on 127.0.0.1, with its data in the folder.

    It is started as RabbitMQ's own script does it, but without that script, which requires the
    machine's paths and epmd, a daemon that all Erlang programs of a machine share. With a fixed
    distribution port, a node needs no epmd.

    Args:
        folder: its own; kept between starts.
        port: the preferred one; if it is not free, another one is used.
    """

    name = "RabbitMQ"

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.process = ServerProcess(self.name, folder, find_reason)
        self.port = choose_port(port)
        self._management_port = choose_port()
        self._distribution_port = choose_port()

    @property
    def url(self) -> str:
        """The address for clients, with RabbitMQ's user and password for local use."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/%2F"

    @property
    def management_url(self) -> str:
        """The address of its management API; user and password are the same."""
        return f"http://127.0.0.1:{self._management_port}"

    def start(self, report: Report = no_report) -> None:
        """Start it, and wait until it accepts a connection.

        Args:
            report: called if RabbitMQ must be fetched.

        Raises:
            MissingPart: RabbitMQ is missing, and could not be fetched.
            ServerFailed: it ended, or was not ready in time.
        """
        files = find_rabbitmq(report, self.process.cancelled)
        folder, port = self.process.folder, self._distribution_port
        write_configuration(folder, self._configuration())
        command = [*node_command(files, port), *self._arguments()]
        self.process.start(command, node_environment(files, folder, NODE, port))
        self.process.wait_until_ready(self._is_ready, START_SECONDS)

    def stop(self) -> None:
        """Shut it down cleanly."""
        self.process.stop(STOP_SECONDS)

    def kill(self) -> None:
        """Kill it, as a crash would; `start` brings it back with its data."""
        self.process.kill()

    def _is_ready(self) -> bool:
        return self.process.is_listening_on(self.port) and is_rabbitmq_reachable(self.url)

    def _configuration(self) -> str:
        return CONFIGURATION.format(port=self.port, management_port=self._management_port)

    def _arguments(self) -> list[str]:
        return [
            *("-eval", END_WITH_PARENT.format(parent=os.getpid())),
            # Named here: otherwise RabbitMQ names the node, and starts epmd first.
            *("-sname", NODE, "-kernel", "inet_dist_use_interface", "{127,0,0,1}"),
        ]


def node_command(files: RabbitFiles, distribution_port: int) -> list[str]:
    """Return the command that starts a node, to which its name is still to be added.

    Args:
        files: of RabbitMQ.
        distribution_port: at which the nodes of its cluster reach each other.
    """
    return [
        *(str(files.runtime / "erlexec"), "-noinput", "-boot", "start_sasl", "+W", "w"),
        *("-eval", LOAD_MODULES_AT_ONCE),
        *("-eval", REMOVE_METRICS_HANDLER, "-s", "rabbit", "boot"),
        *("-syslog", "logger", "[]", "-syslog", "syslog_error_logger", "false"),
        *("-erl_epmd_port", str(distribution_port)),
    ]


def node_environment(
    files: RabbitFiles, folder: Path, name: str, distribution_port: int
) -> dict[str, str]:
    """Return the environment of that command.

    Args:
        files: of RabbitMQ.
        folder: the node's own, with `rabbitmq.conf`, `enabled_plugins` and `environment.conf`.
        name: of the node.
        distribution_port: as for the command.
    """
    return {
        "PATH": os.defpath,
        "HOME": str(folder),  # for the cookie, the password of Erlang's distribution
        "ROOTDIR": str(files.erlang),
        "BINDIR": str(files.runtime),
        "EMU": "beam",
        "PROGNAME": "erl",
        "ERL_LIBS": ":".join(str(path) for path in files.libraries),
        "ERL_CRASH_DUMP_BYTES": "0",
        # RabbitMQ looks for epmd every minute. This keeps it from starting one, and port 1,
        # where nothing listens, from finding the machine's.
        "ERL_FLAGS": f"-start_epmd false {NO_BUSY_WAIT}",
        "ERL_EPMD_PORT": "1",
        "RABBITMQ_NODENAME": name,
        "RABBITMQ_DIST_PORT": str(distribution_port),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "environment.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
    }


def write_configuration(folder: Path, configuration: str) -> None:
    """Write what a node reads when it starts: its configuration and its plugins."""
    (folder / "rabbitmq.conf").write_text(configuration)
    (folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
    (folder / "environment.conf").touch()


def is_rabbitmq_reachable(url: str) -> bool:
    """Return whether a RabbitMQ answers and accepts the credentials in its address."""
    try:
        nodes = [pika.URLParameters(each) for each in addresses_of_nodes(url)]
    except Exception:  # noqa: BLE001 - pika raises any error for a malformed address
        return False
    for node in nodes:
        node.socket_timeout = node.stack_timeout = PROBE_SECONDS
    try:
        pika.BlockingConnection(nodes).close()
    except (AMQPError, AMQPConnectorException, OSError):
        return False
    return True


def find_reason(line: str) -> str | None:
    """Return the reason in a log line that states one without Erlang's details; None for others.

    A line that ends with a comma, in the middle of an Erlang term, states none.
    """
    match = re.search(r"(?:for reason|^ERROR:|Error during startup:) (.+[^,])$", line)
    return match[1] if match else None
