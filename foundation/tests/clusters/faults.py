"""What happens to nodes: each fault lasts for a while, and ends when the cluster is whole again."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from .mongodb import MongoCluster
from .node import Cluster, Node
from .rabbitmq import RabbitCluster

SECONDS = 8.0
"""For so long a node is away: longer than the others need to notice it, and to go on without."""

Fault = Callable[[], None]


def faults_of(mongodb: MongoCluster, rabbitmq: RabbitCluster) -> Mapping[str, Fault]:
    """Return the faults F65 and F66, by name."""
    return {
        "MongoDB's primary steps down": lambda: _steps_down(mongodb),
        "MongoDB's primary is killed": lambda: _fails(mongodb, mongodb.primary(), _killed),
        "MongoDB's primary is frozen": lambda: _fails(mongodb, mongodb.primary(), _frozen),
        "MongoDB's primary is cut from its peers": lambda: _is_cut(mongodb, mongodb.primary()),
        "RabbitMQ's leader is killed": lambda: _fails(rabbitmq, rabbitmq.leader(), _killed),
        "RabbitMQ's leader is frozen": lambda: _fails(rabbitmq, rabbitmq.leader(), _frozen),
        "RabbitMQ's leader is cut from its peers": lambda: _is_cut(rabbitmq, rabbitmq.leader()),
        "RabbitMQ's nodes restart in turn": rabbitmq.restart_in_turn,
    }


def _steps_down(mongodb: MongoCluster) -> None:
    mongodb.step_down()
    mongodb.wait_until_whole()


def _fails(cluster: Cluster, node: Node, fault: Callable[[Node], Iterator[None]]) -> None:
    with contextmanager(fault)(node):
        time.sleep(SECONDS)
    cluster.wait_until_whole()


def _killed(node: Node) -> Iterator[None]:
    node.kill()
    yield
    node.start()


def _frozen(node: Node) -> Iterator[None]:
    node.freeze()
    yield
    node.thaw()


def _is_cut(cluster: Cluster, node: Node) -> None:
    """Cut a node from its peers, but not from clients."""
    others = cluster.others(node)
    node.host.cut_from(others)
    time.sleep(SECONDS)
    node.host.reach(others)
    cluster.wait_until_whole()
