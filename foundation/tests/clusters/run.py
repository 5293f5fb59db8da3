"""A service whose database and broker are clusters, under load, while nodes fail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from carafe.development.servers.stack import Stack
from local.servers import SERVERS
from tests.reliability.soak.run import Report, trial
from tests.reliability.soak.world import CONSUMER_QUEUE, World, running

from .faults import faults_of
from .hosts import Hosts
from .mongodb import MongoCluster
from .rabbitmq import RabbitCluster

NODES = 3


def clusters(
    folder: Path, *, times: int, seed: int, customers: int, tell: Callable[[str], None]
) -> Report:
    """Have each fault happen so many times under load, and reconcile.

    Args:
        folder: for everything that it writes.
        times: of each fault; functions are killed in between.
        seed: of the faults and of the customers' choices.
        customers: so many at once.
        tell: told what happens.

    Raises:
        HostsUnavailable: this machine cannot have the nodes' hosts.
    """
    tell("starting three nodes of MongoDB, three of RabbitMQ, and the functions")
    with _running_world(folder) as world:
        return trial(world, times, seed, customers, tell)


@contextmanager
def _running_world(folder: Path) -> Iterator[World]:
    with (
        Hosts(2 * NODES) as hosts,
        MongoCluster(hosts[:NODES], folder) as mongodb,
        RabbitCluster(hosts[NODES:], folder, CONSUMER_QUEUE) as rabbitmq,
    ):
        given = {"MONGO_URI": mongodb.uri, "RABBITMQ_URL": rabbitmq.url}
        with Stack(folder, given, SERVERS, preferred_ports=False) as stack:
            faults = faults_of(mongodb, rabbitmq)
            yield from running(World(stack, folder, faults, rabbitmq.restart_in_turn))
