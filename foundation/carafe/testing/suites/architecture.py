"""Imports point inward: api → infrastructure → contracts → domain."""

import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from carafe.development.deployment.addresses import normal_name
from carafe.development.project import Project

from .sources import ROOMS, deployed, files_of, imports, is_client, third_party

# The parts of the foundation that each room may use; `carafe` itself declares a service.
FOUNDATION = {
    "domain": ("carafe.domain",),
    "contracts": ("carafe.domain", "carafe.contracts"),
    "infrastructure": (
        *("carafe.domain", "carafe.contracts", "carafe.client", "carafe.infrastructure"),
        *("carafe.Service", "carafe.Settings"),
    ),
    "api": ("carafe.domain", "carafe.contracts", "carafe.infrastructure", "carafe.api"),
}
NOT_IN_THE_DOMAIN = {
    *("os", "time", "socket", "random", "uuid", "pathlib", "io", "logging", "threading"),
    *("subprocess", "urllib", "http", "secrets"),
}
NOT_FOR_CLIENTS = (
    *("app", "local", "chalice", "boto3", "pymongo", "bson", "pika", "chalicelib.api"),
    *("chalicelib.infrastructure", "carafe.api", "carafe.infrastructure", "carafe.development"),
)
# Chalice packages its own runtime, Lambda has boto3.
SUPPLIED = {"boto3", "botocore", "chalice"}


class ArchitectureTests:
    """The imports that are allowed in a service."""

    @pytest.fixture
    def root(self, project: Project) -> Path:
        """The service's root folder."""
        return project.root

    @pytest.mark.parametrize("room", ROOMS)
    def test_a_room_imports_only_inward(self, root: Path, room: str) -> None:
        files = files_of(root, room)
        inward = tuple(f"chalicelib.{each}" for each in ROOMS[: ROOMS.index(room) + 1])
        outward = {
            path.name: name
            for path in files
            for name in imports(root, path)
            if name.partition(".")[0] in {"app", "chalicelib", "local"}
            and not _inside(name, inward)
        }
        assert files, f"chalicelib/{room} is empty"
        assert outward == {}

    @pytest.mark.parametrize("room", ROOMS)
    def test_a_room_uses_of_the_foundation_what_lies_inward(self, root: Path, room: str) -> None:
        outward = {
            path.name: name
            for path in files_of(root, room)
            for name in imports(root, path)
            if name.partition(".")[0] == "carafe" and not _may_use(room, path, name)
        }
        assert outward == {}

    def test_the_domain_needs_only_the_standard_library(self, root: Path) -> None:
        assert third_party(root, files_of(root, "domain")) == set()

    def test_the_domain_has_no_clock_no_environment_and_no_io(self, root: Path) -> None:
        tops = {
            name.partition(".")[0]
            for path in files_of(root, "domain")
            for name in imports(root, path)
        }
        assert tops & NOT_IN_THE_DOMAIN == set()

    def test_contracts_need_only_msgspec(self, root: Path) -> None:
        others = [each for each in files_of(root, "contracts") if not is_client(each)]
        assert third_party(root, others) <= {"msgspec"}

    def test_the_client_needs_only_msgspec_and_urllib3(self, root: Path) -> None:
        client = [each for each in files_of(root, "contracts") if is_client(each)]
        assert third_party(root, client) <= {"msgspec", "urllib3"}

    def test_contracts_are_imported_without_framework_and_infrastructure(self, root: Path) -> None:
        modules = [_module(root, each) for each in files_of(root, "contracts")]
        _import_without(root, modules, NOT_FOR_CLIENTS)

    def test_the_contracts_are_imported_without_the_client(self, root: Path) -> None:
        """Functions use the contracts, and load urllib3 only when they call another service."""
        others = [each for each in files_of(root, "contracts") if not is_client(each)]
        modules = [_module(root, each) for each in others]
        _import_without(root, modules, ["carafe.client", "urllib3"])

    def test_chalice_is_known_to_app_and_api_alone(self, root: Path) -> None:
        inner = [path for room in ROOMS[:-1] for path in files_of(root, room)]
        assert [path for path in inner if "chalice" in third_party(root, [path])] == []

    def test_what_is_deployed_needs_no_tools(self, root: Path) -> None:
        """Tools are the foundation's development and testing parts, and the service's own."""
        tools = ("carafe.development", "carafe.testing", "local", "tests")
        using = {
            str(path.relative_to(root)): name
            for path in deployed(root)
            for name in imports(root, path)
            if _inside(name, tools)
        }
        assert using == {}

    def test_what_is_imported_is_deployed(self, root: Path) -> None:
        providers = importlib.metadata.packages_distributions()
        used = third_party(root, deployed(root)) - SUPPLIED
        packages = {normal_name(providers.get(each, [each])[0]) for each in used}
        assert packages - _required(root / "requirements.txt") == set()


def _inside(name: str, packages: Iterable[str]) -> bool:
    return any(f"{name}.".startswith(f"{each}.") for each in packages)


def _may_use(room: str, path: Path, name: str) -> bool:
    if name == "carafe":
        return room == "infrastructure"  # where the service is declared
    return _inside(name, (*FOUNDATION[room], *(["carafe.client"] if is_client(path) else [])))


def _module(root: Path, path: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def _import_without(root: Path, modules: Iterable[str], forbidden: Iterable[str]) -> None:
    """Import modules in a new interpreter in which the forbidden ones cannot be imported."""
    code = (
        f"import sys; sys.path.insert(0, {str(root)!r}); "
        f"sys.modules.update({dict.fromkeys(forbidden)!r}); import {', '.join(modules)}"
    )
    process = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr


def _required(requirements: Path) -> set[str]:
    """Return the names of the packages that a file requires."""
    names = re.findall(r"(?m)^[A-Za-z0-9][\w.-]*", requirements.read_text("utf-8"))
    return set(map(normal_name, names))
