"""The client's wheel holds contracts, and what they are made of; or there is none."""

import base64
import csv
import hashlib
import io
import tokenize
import zipfile
from pathlib import Path

import pytest

from carafe import __version__
from carafe.development.client_build.build import build_client, compatible_range
from carafe.development.client_build.rewriting import rename_package
from carafe.development.project import Project
from tests.support.service_copy import ServiceCopy

WHEEL = "ordering_client-1.0.0-py3-none-any.whl"


@pytest.fixture(scope="module")
def wheel(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the reference service's client."""
    return build_client(project, tmp_path_factory.mktemp("client")).path


def _texts(wheel: Path) -> dict[str, str]:
    with zipfile.ZipFile(wheel) as opened:
        return {name: opened.read(name).decode() for name in opened.namelist()}


def test_it_holds_the_contracts_and_what_of_the_domain_they_import(wheel: Path) -> None:
    """Not the events of others: no contract imports them."""
    modules = {name for name in _texts(wheel) if not name.startswith("ordering_client-")}
    contracts = (
        "client",
        "commands",
        "integration_events",
        "queries",
        "scopes",
        "sent_commands",
        "values",
    )
    domain = (
        "fulfilment",
        "order",
        "order_events",
        "order_line",
        "order_payment",
        "payments",
        "product",
    )
    expected = {f"ordering_client/contracts/{each}.py" for each in (*contracts, "__init__")}
    expected |= {f"ordering_client/domain/{each}.py" for each in (*domain, "__init__")}
    assert modules == expected | {"ordering_client/__init__.py", "ordering_client/py.typed"}


def test_no_module_of_it_names_the_services_package(wheel: Path) -> None:
    for name, text in _texts(wheel).items():
        if name.endswith(".py"):
            tokens = tokenize.generate_tokens(io.StringIO(text).readline)
            assert "chalicelib" not in {each.string for each in tokens}, name


def test_it_lists_itself_as_installers_ask(wheel: Path) -> None:
    texts = _texts(wheel)
    own = "ordering_client-1.0.0.dist-info/RECORD"
    rows = {path: (digest, size) for path, digest, size in csv.reader(texts[own].splitlines())}
    assert rows.keys() == texts.keys()
    assert rows.pop(own) == ("", "")
    for path, (digest, size) in rows.items():
        content = texts[path].encode()
        actual = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        assert (digest, size) == (f"sha256={actual}", str(len(content)))


def test_it_demands_the_foundation_and_nothing_else(wheel: Path) -> None:
    metadata = _texts(wheel)["ordering_client-1.0.0.dist-info/METADATA"].splitlines()
    demands = [line for line in metadata if line.startswith("Requires-Dist:")]
    assert demands == [f"Requires-Dist: carafe-foundation{compatible_range(__version__)}"]
    assert {"Name: ordering-client", "Version: 1.0.0"} <= set(metadata)


def test_the_same_contracts_make_the_same_file(
    project: Project, wheel: Path, tmp_path: Path
) -> None:
    assert build_client(project, tmp_path / "again").path.read_bytes() == wheel.read_bytes()


@pytest.mark.parametrize(
    ("version", "promised"),
    [
        ("0.2.0", ">=0.2.0,<0.3"),
        ("0.9.3", ">=0.9.3,<0.10"),
        ("1.0.0", ">=1.0.0,<2"),
        ("2.11.1", ">=2.11.1,<3"),
    ],
)
def test_the_foundation_may_be_newer_as_long_as_it_keeps_its_promises(
    version: str, promised: str
) -> None:
    assert compatible_range(version) == promised


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("from chalicelib.domain import order", "from mine.domain import order"),
        ("from chalicelib import domain as chalice", "from mine import domain as chalice"),
        ("import chalicelib.domain.order as o, json", "import mine.domain.order as o, json"),
        ("import chalicelib.a; chalicelib.a.b = 1", "import mine.a; mine.a.b = 1"),
        ("from .scopes import chalicelibs", "from .scopes import chalicelibs"),
        ("x.chalicelib = 'chalicelib'  # chalicelib", "x.chalicelib = 'chalicelib'  # chalicelib"),
        (
            "if 1:\n    from chalicelib.a import (\n        b)\nñ = 'ñ'; import chalicelib.ä\n",
            "if 1:\n    from mine.a import (\n        b)\nñ = 'ñ'; import mine.ä\n",
        ),
        (
            '"""\x0c\u2028from chalicelib"""\nimport chalicelib',
            '"""\x0c\u2028from chalicelib"""\nimport mine',
        ),
    ],
)
def test_names_are_rewritten_and_texts_are_not(source: str, expected: str) -> None:
    assert rename_package(source, "mine") == expected


@pytest.fixture
def service(tmp_path: Path) -> ServiceCopy:
    """A service whose contracts may be spoiled."""
    return ServiceCopy(tmp_path / "service")


def _refusal(service: ServiceCopy, *options: str) -> str:
    code, said = service.run("client", "build", *options)
    assert code == 1, said
    (line,) = said.splitlines()
    assert not list((service.folder / "build").rglob("*.whl"))
    return line


def test_the_command_line_names_the_wheel_and_what_is_in_it(service: ServiceCopy) -> None:
    code, said = service.run("client", "build", "--into", "made")
    path = service.folder / "made" / WHEEL
    counted = "10 commands, 4 queries, 12 events"
    assert (code, said) == (0, f"{path}: ordering_client with OrderingClient, {counted}\n")
    assert path.exists()


def test_a_service_without_a_client_is_told_so(service: ServiceCopy) -> None:
    service.remove("chalicelib/contracts/client.py")
    assert _refusal(service).startswith(
        "error: there is no client yet: chalicelib/contracts/client"
    )


@pytest.mark.parametrize(
    ("module", "statement", "named"),
    [
        (
            "contracts/commands.py",
            "from chalicelib.infrastructure.settings import Settings",
            "chalicelib.infrastructure.settings",
        ),
        (
            "contracts/values.py",
            "from ..infrastructure import settings",
            "chalicelib.infrastructure",
        ),
        ("contracts/queries.py", "import chalicelib.api.wiring", "chalicelib.api.wiring"),
        ("domain/product.py", "from chalicelib import api", "chalicelib.api"),
        ("contracts/scopes.py", "from carafe import Service", "carafe.Service"),
        (
            "contracts/queries.py",
            "def later():\n    import carafe.infrastructure.logs",
            "carafe.infrastructure.logs",
        ),
        ("domain/order.py", "import pymongo", "pymongo"),
    ],
)
def test_a_contract_that_needs_what_stays_in_the_service_is_named(
    service: ServiceCopy, module: str, statement: str, named: str
) -> None:
    path = f"chalicelib/{module}"
    lines = len((service.folder / path).read_text().splitlines()) + len(statement.splitlines())
    service.append(path, f"{statement}\n")
    told = f"error: {path}, line {lines}: imports {named}, which a client does not have"
    assert _refusal(service).startswith(told)


@pytest.mark.parametrize(
    ("path", "old", "new", "told"),
    [
        (
            "chalicelib/contracts/client.py",
            "(ServiceClient):",
            ":",
            "there is no client yet: chalicelib/contracts/client.py has no ServiceClient",
        ),
        (
            "chalicelib/contracts/queries.py",
            "class GetOrder(",
            "class GetOrder(:",
            "chalicelib/contracts/queries.py, line 47: invalid syntax",
        ),
        (
            "chalicelib/contracts/queries.py",
            "class GetOrder(",
            "class WantedLine(",
            "chalicelib.contracts.commands and chalicelib.contracts.queries both have a WantedLine",
        ),
        (
            "chalicelib/contracts/commands.py",
            "MOST_LINES\n",
            "MOST_LINE\n",
            "the client cannot be loaded: chalicelib/contracts/commands.py, line 9: ImportError: ",
        ),
        (
            "chalicelib/infrastructure/bootstrap.py",
            'version="1.0.0"',
            'version="next"',
            "pip does not accept the version 'next'",
        ),
    ],
)
def test_what_cannot_become_a_client_is_told_in_one_line(
    service: ServiceCopy, path: str, old: str, new: str, told: str
) -> None:
    service.replace(path, old, new)
    if "GetOrder" in old and "WantedLine" in new:
        service.replace("chalicelib/contracts/client.py", "GetOrder,", "WantedLine as GetOrder,")
    assert _refusal(service).startswith(f"error: {told}")


def test_a_folder_that_cannot_be_made_is_named(service: ServiceCopy) -> None:
    line = _refusal(service, "--into", "app.py/below")
    assert "app.py/below" in line
    assert line.startswith("error: ")
