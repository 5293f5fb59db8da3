"""The two services that are compared, each on its own database of the same servers."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import urllib3
from bson.decimal128 import Decimal128
from pymongo import MongoClient

from benchmarks import orders
from carafe.development.local_service import LocalService
from carafe.development.servers.ports import choose_port
from carafe.development.servers.process import ServerProcess
from carafe.development.servers.server_group import no_progress
from carafe.domain.money import Money
from carafe.infrastructure.event_bus.names import events_exchange
from carafe.infrastructure.identifiers import new_id
from chalicelib.domain.product import Product
from chalicelib.infrastructure.bootstrap import service as declared

from . import processes

FOLDER = Path(__file__).parents[2]
READY_SECONDS = 30.0
PRODUCTS = 5

SERVER, RELAY, OTHERS = "server", "relay", "others"


class Side(Protocol):
    """A running service.

    Attributes:
        name: for people.
        port: of its API, on 127.0.0.1.
        exchange: where it publishes its events.
        pids: of its processes, by what they do.
    """

    name: str
    port: int
    exchange: str

    @property
    def pids(self) -> Mapping[str, list[int]]:
        """The processes that run now."""

    def start(self) -> None:
        """Start it, and wait until it is ready."""

    def stop(self) -> None:
        """Stop it."""

    def add_products(self) -> list[str]:
        """Enter products into the catalogue, and return their ids."""

    def restart_server(self) -> None:
        """Start the server again, which has been killed."""


class Carafe:
    """Carafe, as `make run` serves it.

    Args:
        folder: for its logs.
        environment: its settings.
    """

    name = "Carafe"
    exchange = events_exchange(declared.name)

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.port = choose_port()
        self._folder = folder
        os.environ.update({**environment, "PORT": str(self.port)})
        self._service = LocalService(folder, self.port, no_progress)

    @property
    def pids(self) -> Mapping[str, list[int]]:
        """The processes that run now."""
        folders = {each.parent.name: each.parent for each in self._folder.glob("*/server.pid")}
        others = [processes.pid_in(folders[each]) for each in folders.keys() - {"api", "bridge"}]
        return {
            SERVER: [processes.pid_in(folders["api"])],
            RELAY: [processes.pid_in(folders["bridge"])],
            OTHERS: others,
        }

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self._service.start()

    def stop(self) -> None:
        """Stop it."""
        self._service.stop()
        declared.container().close()

    def add_products(self) -> list[str]:
        """Enter products into the catalogue, and return their ids."""
        return [self._add_product(number) for number in range(PRODUCTS)]

    def restart_server(self) -> None:
        """Start the server again, which has been killed."""
        self._service.revive()

    @staticmethod
    def _add_product(number: int) -> str:
        product = Product.register(
            product_id=new_id(),
            sku=f"BENCH-{number}",
            name=_name_of(number),
            price=Money.of(_price_of(number), "EUR"),
            at=orders.NOON,
        )
        declared.container().repository(Product).add(product, orders.a_context())
        return product.id


class Peer:
    """FastAPI, Beanie, an outbox and its relay.

    Args:
        folder: for its logs.
        environment: its settings.
        packages: the folder of its packages.
        worker_count: how many processes serve the API.
    """

    name = "FastAPI + Beanie"
    exchange = "peer.events"

    def __init__(
        self, folder: Path, environment: Mapping[str, str], packages: Path, worker_count: int
    ) -> None:
        self.port = choose_port()
        path = os.pathsep.join(map(str, (packages, FOLDER)))
        self._environment = {**os.environ, **environment, "PYTHONPATH": path}
        self._workers = str(worker_count)
        self._server = ServerProcess("Peer", folder / "peer")
        self._relay = ServerProcess("Peer's relay", folder / "peer-relay")

    @property
    def pids(self) -> Mapping[str, list[int]]:
        """The processes that run now."""
        folders = {SERVER: self._server.folder, RELAY: self._relay.folder}
        return {name: [processes.pid_in(each)] for name, each in folders.items()}

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        self.restart_server()
        command = [sys.executable, "-m", "benchmarks.http.peer.relay"]
        self._relay.start(command, self._environment)
        self._server.wait_until_ready(self._is_ready, READY_SECONDS)
        self._relay.wait_until_ready(lambda: "runs" in self._relay.log.read_text(), READY_SECONDS)

    def stop(self) -> None:
        """Stop it."""
        self._server.stop()
        self._relay.stop()

    def add_products(self) -> list[str]:
        """Enter products into the catalogue, and return their ids."""
        products: list[dict[str, Any]] = [
            {
                "_id": new_id(),
                "name": _name_of(number),
                "price": {"amount": Decimal128(_price_of(number)), "currency": "EUR"},
            }
            for number in range(PRODUCTS)
        ]
        with MongoClient[dict[str, Any]](self._environment["MONGO_URI"]) as client:
            client[self._environment["MONGO_DATABASE"]]["products"].insert_many(products)
        return [each["_id"] for each in products]

    def restart_server(self) -> None:
        """Start the server again, which has been killed."""
        command = [sys.executable, "-m", "uvicorn", "benchmarks.http.peer.app:app"]
        options = ["--port", str(self.port), "--workers", self._workers]
        self._server.start([*command, *options], self._environment)

    def _is_ready(self) -> bool:
        try:
            url = f"http://127.0.0.1:{self.port}/health"
            return urllib3.request("GET", url, retries=False, timeout=5).status == 200  # noqa: PLR2004
        except urllib3.exceptions.HTTPError:
            return False


def kill_server(side: Side) -> None:
    """Kill every process that serves a side's API, as a crash would, and wait for their end."""
    for pid in side.pids[SERVER]:
        processes.send_signal(pid, signal.SIGKILL)
    time.sleep(0.1)


def pause(side: Side) -> None:
    """Let a side do nothing while the other one is measured."""
    for pid in _all(side):
        processes.send_signal(pid, signal.SIGSTOP)


def resume(side: Side) -> None:
    """Let a side go on."""
    for pid in _all(side):
        processes.send_signal(pid, signal.SIGCONT)


def _all(side: Side) -> list[int]:
    return [pid for pids in side.pids.values() for pid in pids]


def _name_of(number: int) -> str:
    return f"Carafe, {number} l"


def _price_of(number: int) -> str:
    return f"{number + 1}.90"
