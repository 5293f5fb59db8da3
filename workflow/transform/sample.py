"""Takes the sample out: Ordering, what it needs alone, and the tests that speak of it."""

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from .pruning import Gone, pruned

FILES = (
    "chalicelib/domain/order.py",
    "chalicelib/domain/order_events.py",
    "chalicelib/domain/order_line.py",
    "chalicelib/domain/payments.py",
    "chalicelib/domain/product.py",
    "chalicelib/api/orders/",
    "chalicelib/api/products/",
    "chalicelib/infrastructure/database/mongo/order_repository.py",
    "chalicelib/infrastructure/database/mongo/product_repository.py",
    "chalicelib/infrastructure/external_services/payment_gateway.py",
    "workflow/contracts/released.json",
    "workflow/servers/payment_faults.py",
    "workflow/servers/payment_ledger.py",
    "workflow/servers/payments.py",
    "benchmarks/",
    "diagrams/",
)

DEMO = "workflow/demo.py"
FIRST_COMMAND = Path(__file__).parent / "first_command.py"

NAMES = {
    "chalicelib.contracts.base": {"READ_ORDERS", "WRITE_CATALOGUE", "WRITE_ORDERS"},
    "chalicelib.infrastructure.settings": {"payments_url"},
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

KEPT_SUPPORT = {
    "tests/support/examples.py",
    "tests/support/inbound.py",
    "tests/support/requests.py",
}
"""Helpers that mix the sample's with everybody's: only the sample's part goes."""

SPEAKING = re.compile(
    r"""/orders\b|/products\b|\.orders\b|\.products\b|["'](orders|products)["']"""
    r"|\b(a_product|an_order|AnOrder|a_line)\b|workflow\.demo\b|\bbenchmarks\b"
    r"|\bworkflow\.(transform|discovery|scaffold)\b|ordering\.order\.placed\.v1.*contract"
)


def without_sample(files: Mapping[str, str], context: str) -> dict[str, str]:
    """Return the files of a service without Ordering, and without what only Ordering needs.

    Args:
        files: text by path.
        context: the service's own, by which the sample's client is called.
    """
    removed = (*FILES, f"chalicelib/contracts/client/{context}.py")
    left = {path: text for path, text in files.items() if not path.startswith(removed)}
    classes = _classes_gone(files) | {f"{context.capitalize()}Client"}
    left = _without_tests(left, classes)
    left[DEMO] = FIRST_COMMAND.read_text(encoding="utf-8")
    gone = Gone(
        modules={_module(path) for path in files if path not in left and path.endswith(".py")},
        names={module: set(names) for module, names in NAMES.items()},
        attributes=set(ATTRIBUTES),
        texts=set(TEXTS),
    )
    for path, base in CONTRACTS.items():
        gone.names.setdefault(_module(path), set()).update(_classes(files[path], base))
    code = {
        _module(path): text
        for path, text in left.items()
        if path.endswith(".py") and not path.startswith("workflow/transform/")
    }
    lighter = pruned(code, gone)
    return {path: lighter.get(_module(path), text) for path, text in left.items()}


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


def _without_tests(files: dict[str, str], classes: Iterable[str]) -> dict[str, str]:
    """Leave out the tests that speak of the sample, or use a helper that does."""
    speaking = re.compile(rf"\b({'|'.join(sorted(classes))})\b|{SPEAKING.pattern}")
    helpers: list[str] = []
    while True:
        using = re.compile(r"\btests\.support\.(" + "|".join([*helpers, "nothing_yet"]) + r")\b")
        left = {
            path: text
            for path, text in files.items()
            if not _is_test_code(path) or not (speaking.search(text) or using.search(text))
        }
        found = [Path(path).stem for path in files if _is_helper(path) and path not in left]
        if len(found) == len(helpers):
            return left
        helpers = found


def _is_test_code(path: str) -> bool:
    return path.startswith("tests/") and path.endswith(".py") and path not in KEPT_SUPPORT


def _is_helper(path: str) -> bool:
    return path.startswith("tests/support/")


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
