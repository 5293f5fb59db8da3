"""A RabbitMQ of three nodes."""

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pika
import urllib3
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError

from carafe.development.servers.erlang import find_rabbitmq
from carafe.development.servers.process import no_report
from carafe.development.servers.rabbitmq import (
    NO_BUSY_WAIT,
    REMOVE_METRICS_HANDLER,
    is_rabbitmq_reachable,
)

from .hosts import Host
from .node import Node

PORT = 5672
API_PORT = 15672
DISTRIBUTION_PORT = 25672
TICK_SECONDS = 4  # 60 by default: nodes would take that long to miss a frozen one
START_SECONDS = 120.0
RECOVERY_SECONDS = 120.0
PROBE_SECONDS = 2
POLL_SECONDS = 0.5

CONFIGURATION = """\
listeners.tcp.1 = {address}:{port}
loopback_users = none
management.tcp.port = {api_port}
management.tcp.ip = {address}
management_agent.disable_metrics_collector = true
disk_free_limit.absolute = 1MB
cluster_partition_handling = pause_minority
cluster_formation.peer_discovery_backend = rabbit_peer_discovery_classic_config
{nodes}
log.console = true
log.console.level = info
log.file = false
"""


class RabbitCluster:
    """A cluster with a node on each host; its queues are quorum queues.

    Args:
        hosts: of the nodes.
        folder: for their data.
        queue: whose leader counts as the cluster's.
    """

    def __init__(self, hosts: Sequence[Host], folder: Path, queue: str) -> None:
        self.queue = queue
        self.nodes = [_node(host, hosts, folder / f"rabbitmq-{host.address}") for host in hosts]
        addresses = ",".join(f"{host.address}:{PORT}" for host in hosts)
        self.url = f"amqp://guest:guest@{addresses}/%2F"

    def start(self) -> None:
        """Start it: the first node makes the cluster, the others join."""
        for node in self.nodes:
            node.start()

    def restart_in_turn(self) -> None:
        """Restart one node after the other, as an upgrade does."""
        for node in self.nodes:
            node.stop()
            node.start()
            self.wait_until_whole()

    def stop(self) -> None:
        """End all nodes."""
        for node in self.nodes:
            node.kill()

    def leader(self) -> Node:
        """Return the node that leads a queue of events; any that answers may tell."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while time.monotonic() < deadline:
            for node in self.nodes:
                name = _leader(node.host, self.queue)
                for each in self.nodes:
                    if name == _name(each.host):
                        return each
            time.sleep(POLL_SECONDS)
        raise TimeoutError("RabbitMQ's queue has no leader")

    def others(self, node: Node) -> list[Host]:
        """Return the hosts of the other nodes."""
        return [each.host for each in self.nodes if each is not node]

    def wait_until_whole(self) -> None:
        """Wait until a queue on all nodes takes a message, by each node."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        while not all(_confirms(node.host) for node in self.nodes):
            if time.monotonic() > deadline:
                raise TimeoutError("RabbitMQ's nodes do not come together again")
            time.sleep(POLL_SECONDS)


def _leader(host: Host, queue: str) -> str:
    """Return the name of the node that leads a queue, as another one says; empty if it does not."""
    url = f"http://{host.address}:{API_PORT}/api/queues/%2F/{queue}"
    login = urllib3.make_headers(basic_auth="guest:guest")
    try:
        answer = urllib3.request("GET", url, headers=login, timeout=PROBE_SECONDS, retries=False)
        return str(answer.json().get("leader", ""))
    except (urllib3.exceptions.HTTPError, ValueError):
        return ""


def _confirms(host: Host) -> bool:
    """Return whether a node confirms a message to a queue of the cluster."""
    parameters = pika.URLParameters(_url(host))
    parameters.socket_timeout = parameters.stack_timeout = PROBE_SECONDS
    parameters.blocked_connection_timeout = PROBE_SECONDS
    parameters.heartbeat = 2
    try:
        with pika.BlockingConnection(parameters) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            quorum = {"x-queue-type": "quorum", "x-max-length": 1}
            channel.queue_declare("probe", durable=True, arguments=quorum)
            channel.basic_publish("", "probe", b"")
    except (AMQPError, AMQPConnectorException, OSError):
        return False
    return True


def _url(host: Host) -> str:
    return f"amqp://guest:guest@{host.address}:{PORT}/%2F"


def _node(host: Host, hosts: Sequence[Host], folder: Path) -> Node:
    files = find_rabbitmq(no_report, threading.Event())
    folder.mkdir(parents=True)
    _configure(host, hosts, folder)
    command = [str(files.runtime / "erlexec"), "-noinput", "-boot", "start_sasl", "+W", "w"]
    command += ["-eval", REMOVE_METRICS_HANDLER, "-s", "rabbit", "boot", "-syslog", "logger", "[]"]
    command += ["-syslog", "syslog_error_logger", "false"]
    command += ["-name", _name(host), "-erl_epmd_port", str(DISTRIBUTION_PORT)]
    command += ["-kernel", "net_ticktime", str(TICK_SECONDS)]
    environment = {
        "PATH": os.defpath,
        "HOME": str(folder),
        "ROOTDIR": str(files.erlang),
        "BINDIR": str(files.runtime),
        "EMU": "beam",
        "PROGNAME": "erl",
        "ERL_LIBS": ":".join(str(path) for path in files.libraries),
        "ERL_CRASH_DUMP_BYTES": "0",
        "ERL_FLAGS": f"-start_epmd false {NO_BUSY_WAIT}",
        "ERL_EPMD_PORT": "1",
        "RABBITMQ_USE_LONGNAME": "true",
        "RABBITMQ_NODENAME": _name(host),
        "RABBITMQ_DIST_PORT": str(DISTRIBUTION_PORT),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq"),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "environment.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_PID_FILE": str(folder / "rabbitmq.pid"),
    }
    is_ready = lambda: is_rabbitmq_reachable(_url(host))  # noqa: E731 - one line more says no more
    return Node(host, folder, command, environment, is_ready, START_SECONDS)


def _configure(host: Host, hosts: Sequence[Host], folder: Path) -> None:
    nodes = "\n".join(
        f"cluster_formation.classic_config.nodes.{number} = {_name(each)}"
        for number, each in enumerate(hosts, 1)
    )
    configuration = CONFIGURATION.format(
        address=host.address, port=PORT, api_port=API_PORT, nodes=nodes
    )
    (folder / "rabbitmq.conf").write_text(configuration)
    (folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
    (folder / "environment.conf").touch()
    cookie = folder / ".erlang.cookie"  # the password of Erlang's distribution
    cookie.write_text("cluster")
    cookie.chmod(0o400)


def _name(host: Host) -> str:
    return f"node@{host.address}"
