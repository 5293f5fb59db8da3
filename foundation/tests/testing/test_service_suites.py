"""The suites about a service as a whole find what they are made to find, in copies of one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from carafe.development.servers.stack import Stack
from tests.support.service_copy import ServiceCopy
from tests.support.suites import failures

ORDER = "chalicelib/domain/order.py"
COMMANDS = "chalicelib/contracts/commands.py"
CLIENT = "chalicelib/contracts/client.py"
BOOTSTRAP = "chalicelib/infrastructure/bootstrap.py"
SETTINGS = "chalicelib/infrastructure/settings.py"
WIRING = "chalicelib/api/wiring.py"

ARCHITECTURE = "tests/architecture"
DECLARATION = "tests/unit/test_declaration.py"
MEDIATOR = "tests/api/test_mediator.py"
CONFORMITY = "tests/api/test_client_conformity.py"

AN_EVENT = """
from carafe.domain.model import DomainEvent, schema


@schema()
class RumourSpread(DomainEvent):
    word: str
"""
AN_AGGREGATE = """
from carafe.domain.model import AggregateRoot, schema


@schema(collection="rumours")
class Rumour(AggregateRoot):
    word: str
"""

# A line that is added to a file, the tests that must fail, and parts of their names.
LINES = {
    "the domain knows the contracts": (
        ORDER,
        "import chalicelib.contracts.scopes",
        ARCHITECTURE,
        "imports_only_inward[domain]",
    ),
    "the contracts know the app": (
        COMMANDS,
        "import app",
        ARCHITECTURE,
        "imports_only_inward[contracts]",
    ),
    "infrastructure knows the API": (
        SETTINGS,
        "import chalicelib.api.wiring",
        ARCHITECTURE,
        "imports_only_inward[infrastructure]",
    ),
    "the domain uses infrastructure of the foundation": (
        ORDER,
        "from carafe.infrastructure.identifiers import now",
        ARCHITECTURE,
        "uses_of_the_foundation_what_lies_inward[domain]",
    ),
    "the contracts use the API of the foundation": (
        COMMANDS,
        "import carafe.api.endpoints",
        ARCHITECTURE,
        "what_lies_inward[contracts] imported_without_framework",
    ),
    "the domain needs a package": (
        ORDER,
        "import msgspec",
        ARCHITECTURE,
        "domain_needs_only_the_standard_library",
    ),
    "the domain has a clock": (ORDER, "import time", ARCHITECTURE, "no_clock"),
    "the contracts need a driver": (
        COMMANDS,
        "import pymongo",
        ARCHITECTURE,
        "contracts_need_only_msgspec imported_without_framework",
    ),
    "the contracts need the client": (
        COMMANDS,
        "import carafe.client.errors",
        ARCHITECTURE,
        "imported_without_the_client",
    ),
    "the client needs a framework": (
        CLIENT,
        "import chalice",
        ARCHITECTURE,
        "client_needs_only known_to_app_and_api_alone imported_without_framework",
    ),
    "infrastructure needs the framework": (
        SETTINGS,
        "import chalice",
        ARCHITECTURE,
        "known_to_app_and_api_alone",
    ),
    "what is deployed needs test support": (
        WIRING,
        "import carafe.testing",
        ARCHITECTURE,
        "deployed_needs_no_tools",
    ),
    "what is deployed needs a tool": (
        "app.py",
        "from carafe.development import project",
        f"{ARCHITECTURE} {DECLARATION}",
        "deployed_needs_no_tools imported_without_drivers",
    ),
    "what is deployed needs the service's own tools": (
        WIRING,
        "import local.demo",
        ARCHITECTURE,
        "deployed_needs_no_tools",
    ),
    "a package is not deployed": (
        SETTINGS,
        "import rich",
        ARCHITECTURE,
        "what_is_imported_is_deployed",
    ),
    "a driver is loaded by every function": (
        BOOTSTRAP,
        "import pymongo",
        DECLARATION,
        "imported_without_drivers",
    ),
    "the environment is read when app.py is imported": (
        "app.py",
        "import os\nos.environ['MONGO_URI']",
        DECLARATION,
        "imported_without_drivers",
    ),
    "an event of the domain has no contract": (
        "chalicelib/domain/rumours.py",
        AN_EVENT,
        DECLARATION,
        "every_event_of_the_domain",
    ),
    "an aggregate has no repository": (
        "chalicelib/domain/rumour.py",
        AN_AGGREGATE,
        DECLARATION,
        "every_aggregate_has_a_repository",
    ),
}

# A text of a file, what stands there instead, the tests that must fail, parts of their names.
TEXTS = {
    "a reference leads nowhere": (
        BOOTSTRAP,
        ":OrderRepository",
        ":Orders",
        DECLARATION,
        "every_reference",
    ),
    "a query has no handler": (
        WIRING,
        "            ProductQueries(service.repository(Product)).handlers(),\n",
        "",
        f"{DECLARATION} {MEDIATOR}",
        "every_message_has_a_handler every_route_has_a_handler",
    ),
    "a scope does not count": (
        "chalicelib/contracts/scopes.py",
        ", OPERATIONS})",
        "})",
        DECLARATION,
        "every_scope",
    ),
    "a problem has no answer": (
        "chalicelib/api/orders/routes.py",
        "PAYMENT = (PaymentDeclined, ServiceUnavailable)",
        "PAYMENT = (PaymentDeclined, KeyError)",
        DECLARATION,
        "every_problem_of_an_operation",
    ),
    "a field has rules, but no example": (
        "chalicelib/contracts/values.py",
        'examples=["CARAFE-1L"]',
        'title="SKU"',
        DECLARATION,
        "every_contract_can_be_described",
    ),
    "a field of a released command is gone": (
        COMMANDS,
        '    carrier: Annotated[Text, shown_as("DHL")]\n',
        "",
        DECLARATION,
        "relies_on_the_released_contracts",
    ),
    "the client asks at another address": (
        CLIENT,
        '"/orders/{id}/shipment"',
        '"/orders/{id}/payment"',
        CONFORMITY,
        "one_method_and_no_method_is_left_over documented_body[ship] understood[ship]",
    ),
    "the client forgets the version": (
        CLIENT,
        '"DELETE", "/products/{id}", command, idempotency_key=idempotency_key, if_match=if_match',
        '"DELETE", "/products/{id}", command, idempotency_key=idempotency_key',
        CONFORMITY,
        "documented_parameters[discontinue]",
    ),
    "the client promises another answer": (
        CLIENT,
        "def order(self, query: GetOrder) -> OrderView:",
        "def order(self, query: GetOrder) -> ProductView:",
        CONFORMITY,
        "documented_answer[order]",
    ),
}


def run(copy: ServiceCopy, tests: str, stack: Stack) -> list[str]:
    """Run tests of a copy on the servers of this run, and return what pytest says."""
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--tb=no", *tests.split()],
        cwd=copy.folder,
        env={**os.environ, "TEST_SERVERS": json.dumps(stack.environment)},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return (result.stdout + result.stderr).splitlines()


def require_failures(lines: list[str], finders: str) -> None:
    """Fail unless every one of the finders did."""
    for finder, failed in failures(lines, finders.split()).items():
        assert failed, "\n".join([f"no test fails for {finder}", *lines])


@pytest.mark.parametrize("fault", LINES)
def test_a_line_too_many_is_found(stack: Stack, tmp_path: Path, fault: str) -> None:
    name, line, tests, finders = LINES[fault]
    copy = ServiceCopy(tmp_path)
    copy.append(name, f"\n{line}\n")
    require_failures(run(copy, tests, stack), finders)


@pytest.mark.parametrize("fault", TEXTS)
def test_a_wrong_word_is_found(stack: Stack, tmp_path: Path, fault: str) -> None:
    name, text, instead, tests, finders = TEXTS[fault]
    copy = ServiceCopy(tmp_path)
    copy.replace(name, text, instead)
    require_failures(run(copy, tests, stack), finders)


def test_an_untouched_copy_passes(stack: Stack, tmp_path: Path) -> None:
    """What fails in the others fails for the fault, and not for being a copy."""
    tests = f"{ARCHITECTURE} {DECLARATION} {MEDIATOR}"
    lines = run(ServiceCopy(tmp_path), tests, stack)
    assert " passed in " in lines[-1], lines
    assert "failed" not in lines[-1]
