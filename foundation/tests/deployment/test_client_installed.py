"""The client's wheel in an environment of its own: beside another service, with its own chalicelib.

What is installed there comes from the package index, except the two wheels made here.
"""

import json
import os
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from carafe.development.client_build.build import build_client
from carafe.development.project import Project
from carafe.development.wheel import build_wheel
from carafe.infrastructure.container import Container
from carafe.testing.api_server import serving
from carafe.testing.tokens import SignedIn

EVERYTHING = "operations orders:read orders:write catalogue:write"

APP = '''
"""Billing, a service of another team."""

from chalice import Chalice

from chalicelib.reminders import due

app = Chalice(app_name="billing")


@app.route("/reminders")
def reminders() -> list[str]:
    return due()
'''

REMINDERS = '''
"""Who is reminded of what they have not paid."""

import os

from ordering_client import ListOrders, OrderingClient, OrderStatus


def ordering() -> OrderingClient:
    token = os.environ["TOKEN"]
    return OrderingClient(os.environ["ORDERING_URL"], token_provider=lambda: token)


def due() -> list[str]:
    """Return the orders that are not paid, page by page."""
    with ordering() as client:
        unpaid = client.orders(ListOrders(status=OrderStatus.PLACED, limit=1))
        return [f"{each.id}: {each.total.amount} {each.total.currency}" for each in unpaid]
'''

BUY = '''
"""Subscribes, sends commands, and tells what came of them."""

import json

from carafe.contracts.values import Address, Money
from ordering_client import PlaceOrder, RegisterProduct, WantedLine

from chalicelib.events import listener
from chalicelib.reminders import ordering

HOME = Address(
    recipient="Maria Weber", street="Lindenallee 12", city="Leipzig", postal_code="04109",
    country="DE",
)

with listener([]), ordering() as client:
    price = Money(amount="24.90", currency="EUR")
    made = client.register_product(RegisterProduct(sku="CARAFE-1L", name="Carafe", price=price))
    line = WantedLine(product_id=made.id, quantity=2)
    wanted = PlaceOrder(lines=[line], shipping_address=HOME)
    results = [client.place_order(wanted) for _ in range(3)]
    print(json.dumps([[each.id, each.version] for each in results]))
'''

EVENTS = '''
"""What this service hears of others."""

import os

from carafe.client.events import EventListener
from carafe.contracts.envelope import CloudEvent
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from ordering_client import OrderPlacedV1


def listener(heard: list[list[str]]) -> EventListener:
    """Return a listener on this service's own queue, which keeps what comes meanwhile."""

    def on_placed(event: OrderPlacedV1, envelope: CloudEvent) -> None:
        heard.append([event.order_id, event.total.amount, envelope.type])

    bus = RabbitMQBus(os.environ["RABBITMQ_URL"], os.environ["ORDERING_NAME"])
    listener = EventListener(bus, queue=os.environ["QUEUE"])
    listener.on(OrderPlacedV1, on_placed)
    return listener
'''

LISTEN = '''
"""Tells what was heard, until there is no more."""

import json

from chalicelib.events import listener

heard: list[list[str]] = []
with listener(heard) as listening:
    while listening.handle_next(1):
        pass
print(json.dumps(heard))
'''

ASK = '''
"""Asks the app, and tells whose chalicelib it is."""

import json

import chalicelib.reminders
import ordering_client
from app import reminders

print(json.dumps([reminders(), chalicelib.reminders.__file__, ordering_client.__file__]))
'''

UNTYPED = """
from chalicelib.reminders import ordering
from ordering_client import GetOrder, ShipOrder

with ordering() as client:
    ShipOrder(id="order-1", carrier=7, tracking_code="JD01")
    print(client.order(GetOrder(id="order-1")).totl)
    client.product(GetOrder(id="order-1"))
"""


@pytest.fixture(scope="module")
def wheels(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheels of the foundation and of the client."""
    folder = tmp_path_factory.mktemp("wheels")
    build_wheel(folder)
    build_client(project, folder)
    return folder


@pytest.fixture(scope="module")
def python(wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with all that billing needs."""
    python = _new_environment(tmp_path_factory.mktemp("billing"))
    _install(python, wheels, "ordering-client", "carafe-foundation[service]")
    # Alone, as in Lambda: what else it demands is for its command.
    _install(python, wheels, "--no-deps", "chalice")
    return python


@pytest.fixture(scope="module")
def billing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another service, which has a chalicelib too and reads events from RabbitMQ."""
    folder = tmp_path_factory.mktemp("service")
    (folder / "chalicelib").mkdir()
    for name, text in {
        "app.py": APP,
        "chalicelib/__init__.py": "",
        "chalicelib/reminders.py": REMINDERS,
        "chalicelib/events.py": EVENTS,
        "buy.py": BUY,
        "listen.py": LISTEN,
        "ask.py": ASK,
        "untyped.py": UNTYPED,
    }.items():
        (folder / name).write_text(text)
    return folder


def _new_environment(folder: Path) -> Path:
    venv.create(folder / "venv", symlinks=True)
    return folder / "venv" / "bin" / "python"


def _install(python: Path, wheels: Path, *what: str) -> None:
    _pip(python, "install", "--quiet", "--no-input", "--find-links", str(wheels), *what)


def _pip(python: Path, *words: str) -> str:
    """Run this environment's pip for another one, which then needs none."""
    options = ("--disable-pip-version-check", "--python", str(python))
    return _run(Path(sys.executable), "-m", "pip", *options, *words)


def _run(
    python: Path,
    *arguments: str,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> str:
    # Nothing of this checkout is on its import path.
    clean = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, *arguments],
        cwd=folder or python.parent,
        env={**clean, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_demands_the_foundation_without_its_extras(wheels: Path, tmp_path: Path) -> None:
    python = _new_environment(tmp_path)
    _install(python, wheels, "ordering-client")
    names = {each["name"] for each in json.loads(_pip(python, "list", "--format", "json"))}
    needed = {"carafe-foundation", "cronsim", "msgspec", "tzdata", "urllib3"}
    assert names == {"ordering-client", *needed}
    loaded = "import sys, ordering_client; print(*sorted(sys.modules))"
    tops = {name.partition(".")[0] for name in _run(python, "-c", loaded).split()}
    assert tops & {"chalicelib", "cronsim", "pymongo", "pika", "boto3"} == set()


@pytest.fixture
def surroundings(
    service: Container[Any], environment: Mapping[str, str]
) -> Iterator[Mapping[str, str]]:
    """What billing's environment says, while the service is served."""
    name = service.settings.service_name
    with serving(environment) as url:
        yield {
            "ORDERING_URL": url,
            "ORDERING_NAME": name,
            "RABBITMQ_URL": environment["RABBITMQ_URL"],
            "QUEUE": f"billing.{name}",
            "TOKEN": SignedIn("maria", EVERYTHING)["Authorization"].removeprefix("Bearer "),
        }


def test_commands_pages_and_events_beside_another_chalicelib(
    service: Container[Any], python: Path, billing: Path, surroundings: Mapping[str, str]
) -> None:
    def said(script: str) -> Any:  # noqa: ANN401 - JSON
        return json.loads(_run(python, script, folder=billing, environment=surroundings))

    placed = said("buy.py")
    assert [version for _, version in placed] == [1, 1, 1]
    orders = {identifier for identifier, _ in placed}
    assert len(orders) == 3

    due, chalicelib, client = said("ask.py")
    assert sorted(due) == sorted(f"{each}: 49.80 EUR" for each in orders)
    assert chalicelib == str(billing / "chalicelib" / "reminders.py")
    assert client.startswith(str(python.parents[1]))

    service.relay.sweep(0, time.monotonic() + 20)
    heard = said("listen.py")
    expected = [[each, "49.80", "ordering.order.placed.v1"] for each in orders]
    assert sorted(heard) == sorted(expected)


def test_it_is_typed(python: Path, billing: Path) -> None:
    modules = ["chalicelib", "buy.py", "listen.py"]
    options = ["--strict", "--python-executable", str(python), "--cache-dir", os.devnull]
    mypy = [sys.executable, "-m", "mypy", *options]
    assert _run(Path(mypy[0]), *mypy[1:], *modules, folder=billing).startswith("Success")
    with pytest.raises(AssertionError) as refusal:
        _run(Path(mypy[0]), *mypy[1:], "untyped.py", folder=billing)
    told = str(refusal.value)
    for code in ("untyped.py:6: error", "untyped.py:7: error", "untyped.py:8: error"):
        assert code in told
    assert "Found 3 errors in 1 file" in told
