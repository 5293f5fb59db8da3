"""A RabbitMQ of three nodes."""

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
    is_rabbitmq_reachable,
    node_command,
    node_environment,
    write_configuration,
)

from .hosts import Host
from .node import Cluster, Node

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


class RabbitCluster(Cluster):
    """A cluster with a node on each host; its queues are quorum queues.

    Args:
        hosts: of the nodes.
        folder: for their data.
        queue: whose leader counts as the cluster's.
    """

    def __init__(self, hosts: Sequence[Host], folder: Path, queue: str) -> None:
        super().__init__(
            [_node(host, hosts, folder / f"rabbitmq-{host.address}") for host in hosts]
        )
        self.queue = queue
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
    command = node_command(files, DISTRIBUTION_PORT)
    command += ["-name", _name(host), "-kernel", "net_ticktime", str(TICK_SECONDS)]
    environment = node_environment(files, folder, _name(host), DISTRIBUTION_PORT)
    environment["RABBITMQ_USE_LONGNAME"] = "true"
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
    write_configuration(folder, configuration)
    cookie = folder / ".erlang.cookie"  # the password of Erlang's distribution
    cookie.write_text("cluster")
    cookie.chmod(0o400)


def _name(host: Host) -> str:
    return f"node@{host.address}"
