"""A MongoDB of three nodes."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from carafe.development.servers.mongod import find_mongod, library_environment
from carafe.development.servers.mongodb import SMALL_JOURNAL
from carafe.development.servers.process import no_report

from .hosts import Host
from .node import Cluster, Node

PORT = 27017
NAME = "cluster"
ELECTION_MILLISECONDS = 2_000  # 10,000 by default: a fault would take that long
START_SECONDS = 60.0
ELECTION_SECONDS = 60.0
PROBE_MILLISECONDS = 1_000
POLL_SECONDS = 0.2


class MongoCluster(Cluster):
    """A replica set, with a node on each host.

    Args:
        hosts: of the nodes.
        folder: for their data.
    """

    def __init__(self, hosts: Sequence[Host], folder: Path) -> None:
        super().__init__([_node(host, folder / f"mongod-{host.address}") for host in hosts])
        addresses = ",".join(f"{host.address}:{PORT}" for host in hosts)
        self.uri = f"mongodb://{addresses}/?replicaSet={NAME}"

    def start(self) -> None:
        """Start it, and wait until there is a primary."""
        for node in self.nodes:
            node.launch()
        for node in self.nodes:
            node.wait_until_ready()
        members = [
            {"_id": number, "host": f"{node.host.address}:{PORT}"}
            for number, node in enumerate(self.nodes)
        ]
        settings = {"electionTimeoutMillis": ELECTION_MILLISECONDS}
        config = {"_id": NAME, "members": members, "settings": settings}
        _command(self.nodes[0], "replSetInitiate", config)
        self.primary()

    def primary(self) -> Node:
        """Return the node that writes; wait for an election."""
        deadline = time.monotonic() + ELECTION_SECONDS
        while time.monotonic() < deadline:
            for node in self.nodes:
                if _hello(node).get("isWritablePrimary"):
                    return node
            time.sleep(POLL_SECONDS)
        raise TimeoutError("MongoDB has no primary")

    def step_down(self) -> None:
        """Have the primary hand over."""
        _command(self.primary(), "replSetStepDown", 10, force=True)

    def wait_until_whole(self) -> None:
        """Wait until one node is primary, and the others follow it."""
        deadline = time.monotonic() + ELECTION_SECONDS
        while time.monotonic() < deadline:
            states = [_hello(node) for node in self.nodes]
            primaries = [each for each in states if each.get("isWritablePrimary")]
            followers = [each for each in states if each.get("secondary")]
            if len(primaries) == 1 and len(followers) == len(states) - 1:
                return
            time.sleep(POLL_SECONDS)
        raise TimeoutError("MongoDB's nodes do not come together again")


def _node(host: Host, folder: Path) -> Node:
    program = find_mongod()
    data = folder / "data"
    data.mkdir(parents=True)
    command = [str(program), "--dbpath", str(data), "--replSet", NAME, "--quiet"]
    command += ["--bind_ip", host.address, "--port", str(PORT), "--nounixsocket"]
    command += ["--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256"]
    command += ["--wiredTigerEngineConfigString", SMALL_JOURNAL]
    node = Node(
        host,
        folder,
        command,
        library_environment(program, no_report, threading.Event()),
        lambda: bool(_hello(node)),
        START_SECONDS,
    )
    return node


def _hello(node: Node) -> dict[str, Any]:
    """Return what a node says of itself; nothing if it does not answer."""
    try:
        return _command(node, "hello")
    except PyMongoError:
        return {}


def _command(node: Node, name: str, value: object = 1, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - as pymongo's
    client: MongoClient[dict[str, Any]] = MongoClient(
        node.host.address,
        PORT,
        directConnection=True,
        serverSelectionTimeoutMS=PROBE_MILLISECONDS,
        connectTimeoutMS=PROBE_MILLISECONDS,
        socketTimeoutMS=15 * PROBE_MILLISECONDS,
    )
    with client:
        return client.admin.command(name, value, **arguments)
