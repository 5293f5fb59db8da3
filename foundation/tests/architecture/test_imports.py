"""Imports point inward: api → infrastructure → contracts → domain; the client is contracts'."""

import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest

from carafe.testing.suites import sources
from tests.support.places import FOUNDATION, ROOT
from tests.support.sources import (
    PACKAGE,
    RUNTIME,
    TOOLS,
    every_python_file,
    imports,
    module_of,
    python_files,
)

MAY_USE = {
    "domain": {"domain"},
    "contracts": {"domain", "contracts"},
    "client": {"domain", "contracts", "client"},
    "infrastructure": {"domain", "contracts", "client", "infrastructure"},
    "api": {"domain", "contracts", "infrastructure", "api"},
}
ROOMS = ["cqrs", "database", "outbox", "event_bus"]
"""Of the infrastructure: each may import those behind it."""
A_SERVICE = {"chalicelib", "app", "local"}
DRIVERS = ["pymongo", "bson", "gridfs", "pika", "boto3", "botocore", "cryptography", "dotenv"]
NOT_FOR_CLIENTS = [
    *(*DRIVERS, "chalice", *sorted(A_SERVICE)),
    *(f"carafe.{each}" for each in ("infrastructure", "api", *TOOLS)),
]
DECLARED_WITH = ["container", "logs", "service", "settings"]

# Chalice packages its own runtime, and a developer's machine reads `.env`.
SUPPLIED = {"chalice", "python-dotenv"}
# pymongo imports the one for mongodb+srv:// addresses, and zoneinfo the other.
FOR_ANOTHER = {"dnspython", "tzdata"}
# Comes with boto3, and is a part of it.
WITH_ANOTHER = {"botocore"}
# Installed for child processes alone, as deployment/tools.txt names it.
INSTALLED_WHEN_NEEDED = {"samtranslator"}


@pytest.mark.parametrize("layer", RUNTIME)
def test_a_layer_imports_only_inward(layer: str) -> None:
    """Neither what is further out, nor the package's front, which leads everywhere."""
    files = python_files(layer)
    inward = tuple(f"carafe.{each}." for each in MAY_USE[layer])
    outward = {
        module_of(path): name
        for path in files
        for name in imports(path)
        if name.split(".")[0] == "carafe" and not f"{name}.".startswith(inward)
    }
    assert files
    assert outward == {}


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_of_the_infrastructure_import_in_one_direction(room: str) -> None:
    before = tuple(f"carafe.infrastructure.{each}." for each in ROOMS[: ROOMS.index(room)])
    backward = {
        module_of(path): name
        for path in python_files(f"infrastructure/{room}")
        for name in imports(path)
        if before and f"{name}.".startswith(before)
    }
    assert backward == {}


def test_the_api_knows_no_store() -> None:
    """Handlers take the port of a repository; which store implements it, bootstrap decides."""
    stores = ("carafe.infrastructure.database.mongo", "carafe.infrastructure.database.memory")
    of_the_service = (ROOT / "chalicelib" / "api").rglob("*.py")
    names = [
        *(name for path in python_files("api") for name in imports(path)),
        *(name for path in of_the_service for name in sources.imports(ROOT, path)),
    ]
    assert [each for each in names if each.startswith(stores)] == []


def test_inside_the_client_serves_calls_to_other_services_alone() -> None:
    """What reads and relays pays nothing for it.

    Calls to AWS and to the issuer of tokens use what needs no urllib3.
    """
    rooms = ("external_services", "aws", "authorization")
    callers = set(python_files(*(f"infrastructure/{each}" for each in rooms)))
    others = set(python_files(*RUNTIME)) - set(python_files("client")) - callers
    using = [path for path in others for name in imports(path) if name.startswith("carafe.client")]
    assert list(map(module_of, using)) == []


def test_nothing_imports_a_service() -> None:
    """The development side loads one by path, as `development.project` does."""
    named = {
        module_of(path): name
        for path in every_python_file()
        for name in imports(path)
        if name.split(".")[0] in A_SERVICE
    }
    assert named == {}


def _third_party(paths: Iterable[Path]) -> set[str]:
    tops = {name.split(".")[0] for path in paths for name in imports(path)}
    return tops - sys.stdlib_module_names - {"carafe"}


def test_the_domain_needs_only_the_standard_library_and_recurrences_one_library() -> None:
    (recurrence,) = (each for each in python_files("domain") if each.stem == "recurrence")
    assert _third_party(set(python_files("domain")) - {recurrence}) == set()
    assert _third_party([recurrence]) == {"cronsim"}


def test_who_has_no_recurrence_does_not_pay_for_it() -> None:
    _import_without("carafe.domain.model", ["zoneinfo", "carafe.domain.recurrence"])
    _import_without("carafe.domain.recurrence", ["cronsim"])


def test_the_domain_has_no_clock_no_environment_and_no_io() -> None:
    forbidden = {"os", "time", "socket", "random", "uuid", "pathlib", "io", "logging", "threading"}
    used = {name.split(".")[0] for path in python_files("domain") for name in imports(path)}
    assert used & forbidden == set()


def test_contracts_need_only_msgspec_and_the_client_urllib3_as_well() -> None:
    assert _third_party(python_files("contracts")) == {"msgspec"}
    assert _third_party(python_files("client")) == {"msgspec", "urllib3"}


def test_chalice_is_known_to_the_api_and_the_tools_alone() -> None:
    elsewhere = set(every_python_file()) - set(python_files("api", *TOOLS))
    assert [module_of(path) for path in elsewhere if "chalice" in _third_party([path])] == []


def _import_without(module: str, forbidden: Iterable[str]) -> None:
    """Import a module in an interpreter of its own, where whoever imports some others fails."""
    blocked = dict.fromkeys(forbidden)
    code = (
        f"import sys; sys.path.insert(0, {str(FOUNDATION)!r}); "
        f"sys.modules.update({blocked!r}); import {module}"
    )
    result = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "module", ["carafe", *map(module_of, python_files("domain", "contracts", "client"))]
)
def test_what_a_client_needs_is_imported_without_framework_and_drivers(module: str) -> None:
    _import_without(module, NOT_FOR_CLIENTS)


@pytest.mark.parametrize("module", list(map(module_of, python_files("domain", "contracts"))))
def test_domain_and_contracts_are_imported_without_the_client(module: str) -> None:
    """The functions use the contracts, and pay for urllib3 only when they call somebody."""
    _import_without(module, ["carafe.client", "urllib3"])


@pytest.mark.parametrize("module", [f"carafe.infrastructure.{each}" for each in DECLARED_WITH])
def test_a_service_is_declared_without_drivers(module: str) -> None:
    """A function that checks tokens, or answers what a service is, opens no database."""
    _import_without(module, [*DRIVERS, "chalice", "urllib3"])


@pytest.mark.parametrize("module", list(map(module_of, python_files("api"))))
def test_the_api_is_imported_without_drivers(module: str) -> None:
    """Every function imports it, and each loads on first use the drivers that it alone needs."""
    _import_without(module, DRIVERS)


@pytest.mark.parametrize(
    "module",
    list(map(module_of, python_files("infrastructure/aws", "infrastructure/authorization"))),
)
def test_aws_and_the_issuer_are_called_without_sdk_and_urllib3(module: str) -> None:
    """They would cost the first command or the first token of a function more than all else."""
    _import_without(module, ["boto3", "botocore", "urllib3"])


def test_no_function_imports_the_sdk_of_aws() -> None:
    sdk = {"boto3", "botocore", "s3transfer"}
    using = [module_of(path) for path in python_files(*RUNTIME) if _third_party([path]) & sdk]
    assert using == []


def test_the_database_driver_does_not_load_what_checks_tokens() -> None:
    """It would do so for PyOpenSSL, which is not installed, at every cold start."""
    code = (
        f"import sys; sys.path.insert(0, {str(FOUNDATION)!r}); "
        "import carafe.infrastructure.container, pymongo; "
        "print('cryptography' in sys.modules, pymongo.ssl_support.HAVE_SSL)"
    )
    loaded = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == ["False", "True"]


def _declared(*extras: str) -> set[str]:
    """Return the distributions that pyproject.toml names, beside those of every client."""
    project = tomllib.loads((FOUNDATION / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"]]
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    names = {re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in lines}
    return set(map(_normal, names)) - {_normal(project["name"])}


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _distributions(modules: Iterable[str]) -> set[str]:
    """Return what has to be installed for some modules."""
    providers = importlib.metadata.packages_distributions()
    return {_normal(providers.get(each, [each])[0]) for each in modules}


def test_the_client_needs_exactly_the_base_dependencies() -> None:
    used = _third_party(python_files("domain", "contracts", "client"))
    assert _distributions(used) == _declared() - FOR_ANOTHER


def test_the_runtime_needs_exactly_what_a_service_installs() -> None:
    used = _distributions(_third_party([PACKAGE / "__init__.py", *python_files(*RUNTIME)]))
    assert used - SUPPLIED == _declared("service") - FOR_ANOTHER


def test_the_tools_need_nothing_that_a_developer_does_not_install() -> None:
    used = _distributions(_third_party(every_python_file()))
    assert used - _declared("service", "dev") - WITH_ANOTHER == INSTALLED_WHEN_NEEDED
