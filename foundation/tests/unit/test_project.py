"""The code of a service that cannot be loaded is told in one line, whichever command asks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from carafe.development.project import Project
from tests.support.checkout import carafe

BROKEN_REFERENCE = """
from pathlib import Path

import carafe

service = carafe.Service(
    name="lending",
    version="1.0.0",
    settings=carafe.Settings,
    root=Path(__file__).parents[2],
    repositories={},
    adapters={int: "chalicelib.nowhere:forecast"},
    published={},
)
"""

BOOTSTRAP = """
from carafe.infrastructure.service import Service
service = None
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a service that is half made."""
    for folder in ("chalicelib/contracts", "chalicelib/infrastructure", ".chalice", "local"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "app.py").touch()
    (tmp_path / "chalicelib/infrastructure/bootstrap.py").write_text(BOOTSTRAP)
    return tmp_path


def evaluate(tree: Path, expression: str) -> str:
    """Evaluate an expression about a service in a new process, and return what it prints."""
    code = (
        "from carafe.development.project import ServiceBroken, project\n"
        "from carafe.development.demo import demo_of\n"
        "from carafe.development.servers.declared import declared_servers\n"
        "from carafe.development.diagrams.model import modules_of\n"
        f"try:\n    print({expression})\n"
        "except ServiceBroken as error:\n    print('broken:', error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tree,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_contracts_that_do_not_parse_are_told_in_one_line(tree: Path) -> None:
    (tree / "chalicelib/contracts/commands.py").write_text("\nclass Renew(:\n")
    result = carafe(tree, "contracts", "check")
    assert (result.returncode, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert line.startswith("error: chalicelib/contracts/commands.py, line 2: SyntaxError: ")


def test_contracts_that_are_missing_are_told_in_one_line(tree: Path) -> None:
    result = carafe(tree, "contracts", "check")
    assert (result.returncode, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert line == (
        "error: the service cannot be loaded: ModuleNotFoundError: "
        "No module named 'chalicelib.contracts.commands'"
    )


@pytest.mark.parametrize(
    "expression",
    ["project().layer('contracts')", "list(modules_of(project().layer('contracts')))"],
)
def test_a_room_that_does_not_load_says_where_it_stops(tree: Path, expression: str) -> None:
    place = "__init__" if "list" not in expression else "queries"
    (tree / f"chalicelib/contracts/{place}.py").write_text("\n\n1 / 0\n")
    (tree / "chalicelib/contracts/__init__.py").touch()
    reason = "ZeroDivisionError: division by zero"
    message = f"broken: chalicelib/contracts/{place}.py, line 3: {reason}"
    assert evaluate(tree, expression) == message


@pytest.mark.parametrize(
    ("module", "declared", "expression"),
    [
        ("demo", "DEMO", "demo_of(project())"),
        ("servers", "SERVERS", "declared_servers(project())"),
        ("rehearsal", "REHEARSAL", "project().local('rehearsal', 'REHEARSAL')"),
    ],
)
def test_a_local_module_needs_what_it_is_there_for(
    tree: Path, module: str, declared: str, expression: str
) -> None:
    path = tree / f"local/{module}.py"
    path.write_text(f"{declared} = ('own',)\n")
    assert evaluate(tree, expression) == "('own',)"
    path.write_text("")
    assert evaluate(tree, expression) == (
        f"broken: local/{module}.py has no `{declared}`: declare it there, or remove the file"
    )
    path.write_text("import nowhere\n")
    assert evaluate(tree, expression) == (
        f"broken: local/{module}.py, line 1: ModuleNotFoundError: No module named 'nowhere'"
    )


def test_a_local_module_may_be_missing(tree: Path) -> None:
    assert Project(tree).local("demo", "DEMO") is None


def test_what_stands_in_no_file_of_the_service_is_not_given_a_place(tree: Path) -> None:
    """A service's .venv lies in its folder, and the foundation may."""
    (tree / ".venv").mkdir()
    (tree / ".venv/outside.py").write_text("raise OSError('no route')\n")
    (tree / "local/demo.py").write_text("import sys\nsys.path.insert(0, '.venv')\nimport outside\n")
    message = evaluate(tree, "demo_of(project())")
    assert message == "broken: local/demo.py, line 3: OSError: no route"


def test_a_reference_that_names_nothing_is_told_before_anything_starts(tree: Path) -> None:
    (tree / "app.py").write_text("app = None\n")
    (tree / "chalicelib/infrastructure/bootstrap.py").write_text(BROKEN_REFERENCE)
    line = evaluate(tree, "project().require_sound()")
    assert line.startswith("broken: the declaration of the service is not right: ")
    assert "'chalicelib.nowhere:forecast'" in line
