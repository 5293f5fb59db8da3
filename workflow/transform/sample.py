"""Takes the sample out: Ordering, what it needs alone, and the tests that speak of it."""

import ast
import re
from collections.abc import Mapping
from pathlib import Path

from .gone import Gone
from .pruning import pruned

FIRST = "chalicelib/domain/order.py"

FILES = (
    FIRST,
    "chalicelib/domain/order_events.py",
    "chalicelib/domain/order_line.py",
    "chalicelib/domain/payments.py",
    "chalicelib/domain/product.py",
    "chalicelib/api/orders/",
    "chalicelib/api/products/",
    "chalicelib/infrastructure/database/mongo/order_repository.py",
    "chalicelib/infrastructure/database/mongo/product_repository.py",
    "chalicelib/infrastructure/external_services/payment_gateway.py",
    "workflow/servers/payment_faults.py",
    "workflow/servers/payment_ledger.py",
    "workflow/servers/payments.py",
    "workflow/rehearse/",
    "benchmarks/",
    "diagrams/",
    "tests/support/payments.py",
    "tests/reliability/test_safeguards.py",  # what it runs are tests of the sample
)

RELEASED = "workflow/contracts/released.json"
NOTHING_RELEASED = '{\n "commands": {},\n "events": {},\n "schemas": {}\n}\n'

DEMO = "workflow/demo.py"
FIRST_COMMAND = Path(__file__).parent / "first_command.py"

# Tests are among them whose cases are the sample's, though they do not say so.
NAMES = {
    "chalicelib.contracts.base": {"READ_ORDERS", "WRITE_CATALOGUE", "WRITE_ORDERS"},
    "chalicelib.infrastructure.settings": {"payments_url"},
    "tests.api.test_service": {
        "test_every_event_is_described",
        "test_without_its_database_the_service_is_healthy_but_not_ready",
    },
    "tests.infrastructure.test_bus_check": {
        "test_an_event_that_nobody_consumes_is_a_fault_unless_that_is_meant",
        "test_each_fault_is_named",
        "test_each_key_is_explained",
        "test_what_was_declared_is_right",
    },
    "tests.end_to_end.test_make_run": {
        "test_the_first_order_comes_through_and_everything_ends",
        "test_the_in_memory_bus_is_chosen_by_the_environment_alone",
    },
    "tests.infrastructure.test_secrets": {
        "test_a_changed_password_is_read_and_the_work_done",
        "test_a_secret_that_is_still_wrong_is_not_asked_again_and_again",
        "test_a_warm_connection_that_broke_meets_the_new_password",
    },
    "tests.infrastructure.test_issuer": {
        "test_a_token_of_the_local_issuer_grants_what_was_asked_for"
    },
    "tests.infrastructure.test_local_servers": {
        "test_a_server_whose_port_was_taken_meanwhile_says_so"
    },
    "tests.infrastructure.test_queued_commands": {"test_poison_is_parked_at_once"},
    "tests.support.examples": {"AnOrder"},
    "tests.support.inbound": {"DELIVERED", "DISPATCHED", "captured", "delivered", "dispatched"},
    "workflow.servers.stack": {"PAYMENTS_PORT"},
}

ATTRIBUTES = {"a_product", "an_order", "payments", "payments_url"}

TEXTS = {"PAYMENTS_URL", "/payment", "The payment was declined"}

CONTRACTS = {
    "chalicelib/contracts/commands.py": None,
    "chalicelib/contracts/queries.py": None,
    "chalicelib/contracts/integration_events.py": "IntegrationEvent",
    "chalicelib/contracts/subscribed_events.py": "IntegrationEvent",
}
"""Where the sample's contracts stand; with a base, those that extend it."""

SPOKEN = (
    r"/orders\b|/products\b|\.orders\b|\.products\b|[\"'](orders|products)[\"']"
    r"|\b(a_product|an_order|AnOrder|a_line)\b|\bbenchmarks\b"
)
"""What a test of the sample says, beside the names of the sample's classes."""

API = re.compile(r"chalicelib/api/(?!(?:orders|products|docs)/)(?P<package>\w+)/")
"""A package of routes that is not the sample's."""

ABOUT_MAKING = re.compile(r"\bworkflow\.(transform|discovery|scaffold)\b|NewService\b")
"""Tests of how a service is made from this tree; in the service they have nothing to make it of."""


class SampleNotAlone(Exception):
    """The sample cannot be taken out; the message says why."""


def require_sample(files: Mapping[str, str]) -> None:
    """Refuse a tree whose contracts are not the sample's alone: all of them would go.

    Raises:
        SampleNotAlone: the sample is gone, or there is code of the service's own.
    """
    if FIRST not in files:
        raise SampleNotAlone("the sample is gone already")
    own = sorted({found["package"] for path in files if (found := API.match(path))})
    if own:
        raise SampleNotAlone(
            f"there is code of your own already (chalicelib/api/{', '.join(own)}): take the sample "
            "out before you scaffold"
        )


def without_sample(files: Mapping[str, str], context: str) -> dict[str, str]:
    """Return the files of a service without Ordering, and without what only Ordering needs.

    Args:
        files: text by path.
        context: the service's own, by which the sample's client is called.
    """
    removed = (*FILES, f"chalicelib/contracts/client/{context}.py")
    left = {path: text for path, text in files.items() if not path.startswith(removed)}
    left[RELEASED] = NOTHING_RELEASED
    left[DEMO] = FIRST_COMMAND.read_text(encoding="utf-8")
    classes = _classes_gone(files) | {f"{context.capitalize()}Client"}
    gone = Gone(
        modules={_module(path) for path in files if path not in left and path.endswith(".py")},
        names={module: set(names) for module, names in NAMES.items()},
        attributes=set(ATTRIBUTES),
        texts=set(TEXTS),
        spoken=re.compile(rf"\b({'|'.join(sorted(classes))})\b|{SPOKEN}"),
    )
    for path, base in CONTRACTS.items():
        gone.names.setdefault(_module(path), set()).update(_classes(files[path], base))
    code = {path: text for path, text in left.items() if _is_code(path)}
    lighter = pruned({_module(path): text for path, text in code.items()}, gone)
    pruned_files = left | {path: lighter[_module(path)] for path in code}
    return {path: text for path, text in pruned_files.items() if not _is_empty(path, text)}


def _is_code(path: str) -> bool:
    return path.endswith(".py") and not path.startswith("workflow/transform/")


def _is_empty(path: str, text: str) -> bool:
    """Tell whether nothing is left of a test file, or nothing that could prove something."""
    if not path.startswith("tests/") or not path.endswith(".py") or not text.strip():
        return False
    if ABOUT_MAKING.search(text):
        return True
    defined = {
        node.name
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.ClassDef))
    }
    if Path(path).name.startswith("test_"):
        return not any(name.startswith("test_") for name in defined)
    return not defined and Path(path).name != "__init__.py"


def _classes_gone(files: Mapping[str, str]) -> set[str]:
    """Return the names of the sample's classes."""
    removed = [text for path, text in files.items() if _is_of_sample(path)]
    found = {name for text in removed for name in _classes(text, None)}
    for path, base in CONTRACTS.items():
        found |= _classes(files[path], base)
    return found


def _is_of_sample(path: str) -> bool:
    return path.startswith(FILES) and path.startswith("chalicelib/") and path.endswith(".py")


def _classes(text: str, base: str | None) -> set[str]:
    return {
        node.name
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef)
        and node.name != base
        and (base is None or base in {ast.unparse(each) for each in node.bases})
    }


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
