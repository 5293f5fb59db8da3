"""The code of a service that cannot be loaded is told in one line, whichever command asks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from carafe.development.project import Project
from tests.support.checkout import carafe

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


def asked(tree: Path, expression: str) -> str:
    """Return what became of something that is asked of a service, in a process of its own."""
    code = (
        "from carafe.development.project import ServiceBroken, project\n"
        "from carafe.development.demo import demo_of\n"
        "from carafe.development.servers.own import own_servers\n"
        "from carafe.development.diagrams.model import modules_of\n"
        f"try:\n    print({expression})\n"
        "except ServiceBroken as error:\n    print('broken:', error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tree,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_contracts_that_do_not_parse_are_told_in_one_line(tree: Path) -> None:
    (tree / "chalicelib/contracts/commands.py").write_text("\nclass Renew(:\n")
    done = carafe(tree, "contracts", "check")
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("error: chalicelib/contracts/commands.py, line 2: SyntaxError: ")


def test_contracts_that_are_missing_are_told_in_one_line(tree: Path) -> None:
    done = carafe(tree, "contracts", "check")
    assert (done.returncode, done.stdout) == (1, "")
    [line] = done.stderr.splitlines()
    assert line == (
        "error: the service cannot be loaded: ModuleNotFoundError: "
        "No module named 'chalicelib.contracts.commands'"
    )


@pytest.mark.parametrize(
    "expression",
    ["project().room('contracts')", "list(modules_of(project().room('contracts')))"],
)
def test_a_room_that_does_not_load_says_where_it_stops(tree: Path, expression: str) -> None:
    place = "__init__" if "list" not in expression else "queries"
    (tree / f"chalicelib/contracts/{place}.py").write_text("\n\n1 / 0\n")
    (tree / "chalicelib/contracts/__init__.py").touch()
    told = f"broken: chalicelib/contracts/{place}.py, line 3: ZeroDivisionError: division by zero"
    assert asked(tree, expression) == told


@pytest.mark.parametrize(
    ("module", "declared", "expression"),
    [
        ("demo", "DEMO", "demo_of(project())"),
        ("servers", "SERVERS", "own_servers(project())"),
        ("rehearsal", "REHEARSAL", "project().local('rehearsal', 'REHEARSAL')"),
    ],
)
def test_a_local_module_needs_what_it_is_there_for(
    tree: Path, module: str, declared: str, expression: str
) -> None:
    path = tree / f"local/{module}.py"
    path.write_text(f"{declared} = ('own',)\n")
    assert asked(tree, expression) == "('own',)"
    path.write_text("")
    assert asked(tree, expression) == (
        f"broken: local/{module}.py has no `{declared}`: declare it there, or remove the file"
    )
    path.write_text("import nowhere\n")
    assert asked(tree, expression) == (
        f"broken: local/{module}.py, line 1: ModuleNotFoundError: No module named 'nowhere'"
    )


def test_a_local_module_may_be_missing(tree: Path) -> None:
    assert Project(tree).local("demo", "DEMO") is None


def test_what_stands_in_no_file_of_the_service_is_not_given_a_place(tree: Path) -> None:
    """A service's .venv lies in its folder, and the foundation may."""
    (tree / ".venv").mkdir()
    (tree / ".venv/outside.py").write_text("raise OSError('no route')\n")
    (tree / "local/demo.py").write_text("import sys\nsys.path.insert(0, '.venv')\nimport outside\n")
    told = asked(tree, "demo_of(project())")
    assert told == "broken: local/demo.py, line 3: OSError: no route"
