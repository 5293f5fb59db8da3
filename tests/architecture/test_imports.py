"""Imports point inward: api → infrastructure → contracts → domain."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ["domain", "contracts", "infrastructure", "api"]
CONTRACTS_MAY_USE = {"msgspec"}
CLIENT_MAY_USE = {"msgspec", "urllib3"}
NOT_FOR_CLIENTS = ["chalice", "boto3", "pymongo", "bson", "pika", "chalicelib.infrastructure"]
NOT_DEPLOYED = {"boto3", "botocore", "chalice", "dotenv"}  # by requirements.txt, that is


def _imports(path: Path) -> Iterator[str]:
    """Yield the full name of every module that a file imports, wherever in the file."""
    package = ".".join(path.relative_to(ROOT).parent.parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*above, node.module or ""]).rstrip(".") if node.level else node.module
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _files(room: str) -> list[Path]:
    return sorted((ROOT / "chalicelib" / room).rglob("*.py"))


def _outward(path: Path, room: str) -> list[str]:
    outer = {f"chalicelib.{each}" for each in ROOMS[ROOMS.index(room) + 1 :]}
    return [
        name for name in _imports(path) if ".".join(name.split(".")[:2]) in outer or name == "app"
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_only_inward(room: str) -> None:
    assert _files(room), room
    assert {path.name: _outward(path, room) for path in _files(room) if _outward(path, room)} == {}


def _third_party(path: Path) -> set[str]:
    tops = {name.split(".")[0] for name in _imports(path)}
    return tops - sys.stdlib_module_names - {"chalicelib"}


def test_the_domain_needs_only_the_standard_library() -> None:
    assert {path.name: _third_party(path) for path in _files("domain") if _third_party(path)} == {}


def test_the_domain_has_no_clock_no_environment_and_no_io() -> None:
    forbidden = {"os", "time", "socket", "random", "uuid", "pathlib", "io", "logging", "threading"}
    used = {name.split(".")[0] for path in _files("domain") for name in _imports(path)}
    assert used & forbidden == set()


def test_contracts_need_only_msgspec_and_their_client_urllib3() -> None:
    client = set(_files("contracts/client"))
    others = set(_files("contracts")) - client
    assert set().union(*map(_third_party, others)) == CONTRACTS_MAY_USE
    assert set().union(*map(_third_party, client)) == CLIENT_MAY_USE


@pytest.mark.parametrize("module", [path.stem for path in _files("contracts/client")])
def test_the_client_is_imported_without_framework_and_infrastructure(module: str) -> None:
    """In an interpreter of its own, where whoever imports them fails."""
    forbidden = dict.fromkeys([*NOT_FOR_CLIENTS, "chalicelib.api", "app", "workflow"])
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.modules.update({forbidden!r}); "
        f"import chalicelib.contracts.client.{module}"
    )
    subprocess.run([sys.executable, "-I", "-c", code], check=True)


def test_the_contracts_are_imported_without_the_client() -> None:
    """The functions use the contracts, and pay for urllib3 only when they call somebody."""
    outside = set(_files("contracts")) - set(_files("contracts/client"))
    inward = "chalicelib.contracts.client"
    assert [path for path in outside if any(inward in name for name in _imports(path))] == []


def test_chalice_is_known_to_app_and_api_alone() -> None:
    outside = [
        path
        for room in ("domain", "contracts", "infrastructure")
        for path in _files(room)
        if "chalice" in _third_party(path)
    ]
    assert outside == []


def test_the_workflow_is_never_deployed() -> None:
    deployed = [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]
    assert [path for path in deployed if "workflow" in _third_party(path)] == []


def test_what_is_imported_is_deployed() -> None:
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    packages = {line.split("==")[0] for line in lines if line and not line.startswith("#")}
    modules = {"bson", "gridfs", "pymongo", "Cryptodome"} | packages
    deployed = [ROOT / "app.py", *(ROOT / "chalicelib").rglob("*.py")]
    used: set[str] = set().union(*(_third_party(path) for path in deployed))
    assert used - modules - NOT_DEPLOYED == set()
