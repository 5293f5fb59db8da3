"""What the page about moving over from 0.1 says is true: imports lead to what is there."""

import importlib
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.places import FOUNDATION, ROOT

SCRIPT = FOUNDATION / "docs/from-0.1.sed"
PAGE = (FOUNDATION / "docs/from-0.1.md").read_text(encoding="utf-8")

# Lines of a clone of 0.1: of what scaffolding wrote there, and of Ordering.
LINES = {
    "from chalicelib.api.endpoints import Endpoints": "carafe.api.endpoints",
    "from chalicelib.api.functions import Functions": "carafe.api.functions",
    "from chalicelib.contracts.base import Command, CommandResult": "carafe.contracts.base",
    "from chalicelib.contracts.client.errors import NoAnswer": "carafe.client.errors",
    "from chalicelib.contracts.client.events import EventListener": "carafe.client.events",
    "from chalicelib.contracts.client.ordering import OrderingClient": (
        "chalicelib.contracts.client"
    ),
    "from chalicelib.contracts.commands import PlaceOrder": "chalicelib.contracts.commands",
    "from chalicelib.contracts.envelope import Caller, CommandContext": "carafe.contracts.envelope",
    "from chalicelib.contracts.integration_events import IntegrationEvent": (
        "carafe.contracts.integration_events"
    ),
    "from chalicelib.contracts.integration_events import OrderPaidV1, PUBLISHED": (
        "chalicelib.contracts.integration_events"
    ),
    "from chalicelib.contracts.validation import Fault": "carafe.contracts.validation",
    "from chalicelib.domain.errors import NotFound": "carafe.domain.errors",
    "from chalicelib.domain.model import AggregateRoot, Clock": "carafe.domain.model",
    "from chalicelib.domain.order import Order": "chalicelib.domain.order",
    "from chalicelib.domain.requirements import TEXT_FORM": "carafe.domain.requirements",
    "from chalicelib.infrastructure.authorization.tokens import Grant": (
        "carafe.infrastructure.authorization.tokens"
    ),
    "from chalicelib.infrastructure.bootstrap import Container": "carafe.infrastructure.container",
    "from chalicelib.infrastructure.cqrs.execution import change, create": (
        "carafe.infrastructure.cqrs.execution"
    ),
    "from chalicelib.infrastructure.database.criteria import Criterion, equals": (
        "carafe.infrastructure.database.criteria"
    ),
    "from chalicelib.infrastructure.database.mongo.order_repository import OrderRepository": (
        "chalicelib.infrastructure.repositories.order_repository"
    ),
    "from chalicelib.infrastructure.database.mongo.mongo_repository import MongoRepository": (
        "carafe.infrastructure.database.mongo.mongo_repository"
    ),
    "from chalicelib.infrastructure.database.mongo.views import View": ("carafe.contracts.views"),
    "from chalicelib.infrastructure.external_services.http_client import HttpClient": (
        "carafe.infrastructure.external_services.http_client"
    ),
    "from chalicelib.infrastructure.external_services.payment_gateway import HttpPaymentGateway": (
        "chalicelib.infrastructure.external_services.payment_gateway"
    ),
    "from chalicelib.infrastructure.identifiers import new_id, now": (
        "carafe.infrastructure.identifiers"
    ),
    "from .base import Contract, Query": "carafe.contracts.base",
    "from .http_client import HttpClient": "carafe.infrastructure.external_services.http_client",
    "from .integration_events import IntegrationEvent": "carafe.contracts.integration_events",
    "from .limits import Limits": "carafe.client.limits",
    "from .model import AggregateRoot, Index, schema": "carafe.domain.model",
    "from .money import Money": "carafe.domain.money",
    "from .mongo_repository import MongoRepository": (
        "carafe.infrastructure.database.mongo.mongo_repository"
    ),
    "from .requirements import LONGEST_IDENTIFIER, require_text": "carafe.domain.requirements",
    "from .service_client import ServiceClient": "carafe.client.service_client",
    "from tests.support.scripted_server import ScriptedServer": "carafe.testing.scripted_server",
    "from tests.support.tokens import SignedIn": "carafe.testing.tokens",
    "from workflow.servers.json_server import JsonServer": "carafe.development.servers.json_server",
}


@pytest.mark.parametrize("line", LINES)
def test_an_import_of_a_clone_becomes_one_that_works(line: str, tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text(f'"""One."""\n\n{line}\n')
    command = ["sed", "--regexp-extended", "--in-place", "--file", str(SCRIPT), str(file)]
    subprocess.run(command, check=True)
    moved = file.read_text().splitlines()[-1]
    found = re.fullmatch(r"from (\S+) import (.+)", moved)
    assert found is not None
    assert found[1] == LINES[line]
    module = importlib.import_module(found[1])
    assert [name for name in found[2].split(", ") if not hasattr(module, name)] == []


def test_each_module_that_the_script_names_is_there() -> None:
    """Every alternative of a pattern, in the place that the line puts it."""
    modules = []
    for line in SCRIPT.read_text().splitlines():
        rule = re.fullmatch(r"s/[^(/]*\(([a-z_|]+)\)[^/]*/(?:from )?(carafe[\w.]*)\\1[^/]*/", line)
        modules += [f"{rule[2]}{name}" for name in rule[1].split("|")] if rule else []
    assert len(modules) > 50
    for module in modules:
        importlib.import_module(module)


def test_what_is_imported_by_hand_is_there() -> None:
    for name in ("Identifier", "Amount", "Currency", "Country", "Money", "Address", "shown_as"):
        assert hasattr(importlib.import_module("carafe.contracts.values"), name)
    for path in set(re.findall(r"`((?:carafe\.[a-z_.]*[a-z])(?::[A-Z]\w+)?)`", PAGE)):
        importlib.import_module(path)
    for path in re.findall(r"`((?:chalicelib/contracts|local)/[a-z_]+\.(?:py|json))`", PAGE):
        assert (ROOT / path).exists(), path
