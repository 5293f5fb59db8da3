"""A new service has the form of the reference service: its templates do not drift from it."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from carafe.development.new.files import EXECUTABLE, TEMPLATES, render, write
from carafe.development.new.identity import LONGEST_NAME, Identity
from carafe.development.new.sample import IDENTITY, PARTS, files_below
from tests.support.places import ROOT

ORDERING = render(IDENTITY)
"""An empty service under the names of the reference service."""

LONG = Identity("A" * LONGEST_NAME, "a" * 30, 65_535)

EQUAL = sorted(
    name
    for name in ORDERING
    if name.startswith(("app.py", ".chalice/", ".ci/", "local/", "constraints.txt", "requirements"))
    or name == ".gitignore"
    or (name.endswith("__init__.py") and name.startswith("chalicelib/"))
)

OF_THE_REPOSITORY = 'extend-exclude = ["foundation"] # a house of its own, with rules of its own\n'
"""What the root's pyproject.toml says for the sake of what lies beside the service."""

PAYMENTS = """\
# The payment service. Without it `make run` starts a small one of its own.
# PAYMENTS_URL=http://127.0.0.1:8090

# An order that has not been paid for so long is cancelled, in seconds; half an hour by default.
# PAYMENT_DUE_SECONDS=1800

# A paid order that has not been shipped for so long is cancelled, in seconds; a week by default.
# SHIPMENT_DUE_SECONDS=604800

"""
"""What the reference service's settings have of its own."""


def _root(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_there_is_something_to_compare() -> None:
    assert len(EQUAL) >= 20


@pytest.mark.parametrize("name", EQUAL)
def test_what_every_service_has_is_as_in_the_reference_service(name: str) -> None:
    assert ORDERING[name] == _root(name)
    assert bool((ROOT / name).stat().st_mode & 0o100) == (name in EXECUTABLE)


def test_the_checks_are_those_of_the_reference_service() -> None:
    assert OF_THE_REPOSITORY in _root("pyproject.toml")
    assert ORDERING["pyproject.toml"] == _root("pyproject.toml").replace(OF_THE_REPOSITORY, "")


def test_the_settings_are_those_of_the_reference_service_without_its_own() -> None:
    assert PAYMENTS in _root(".env.example")
    assert ORDERING[".env.example"] == _root(".env.example").replace(PAYMENTS, "")


def test_the_servers_for_docker_are_those_of_the_reference_service() -> None:
    assert _after_name(ORDERING["compose.yaml"]) == _after_name(_root("compose.yaml"))


def _after_name(text: str) -> str:
    return text.partition("\nservices:\n")[2]


def test_the_targets_of_make_are_some_of_those_of_the_repository() -> None:
    assert _targets(ORDERING["Makefile"]) >= {"run", "test", "package", "lint", "rehearse"}
    assert _targets(ORDERING["Makefile"]) <= _targets(_root("Makefile"))


def _targets(makefile: str) -> set[str]:
    lines = [line for line in makefile.splitlines() if " ## " in line and ":" in line]
    return {line.partition(":")[0] for line in lines}


def test_everything_in_the_reference_service_that_has_a_template_is_of_its_form() -> None:
    """A file that the reference service lost, or moved, is not made for new ones."""
    own = {"tests/", "memory-bank/decisions/"}
    names = [name for name in ORDERING if not name.startswith(tuple(own))]
    assert [name for name in names if not (ROOT / name).exists()] == []


def test_the_sample_is_all_that_there_is_of_the_reference_service() -> None:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *PARTS]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    tracked = {name for name in result.stdout.splitlines() if (ROOT / name).exists()}
    assert files_below(ROOT).keys() == tracked


def test_what_no_service_has_is_no_part_of_the_sample(tmp_path: Path) -> None:
    for name in ("app.py", "chalicelib/a.py", "tests/.cache/b.py", "local/__pycache__/c.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert files_below(tmp_path).keys() == {"app.py", "chalicelib/a.py"}


def test_every_template_is_used_and_filled() -> None:
    templates = [path for path in TEMPLATES.rglob("*") if path.is_file()]
    assert [path for path in templates if path.suffix != ".j2"] == []
    assert len(ORDERING) == len(templates)
    for text in (*ORDERING.values(), *render(IDENTITY, sample=True).values()):
        assert not {"{{", "}}", "{%", "%}"} & set(text.split())
        assert "\n\n\n\n" not in text
        assert text.endswith("\n")
        assert not text.endswith("\n\n")


def test_the_documents_of_a_service_name_it_and_no_other() -> None:
    texts = render(Identity("Lending Desk", "lending", 8123))
    assert texts["README.md"].startswith("# Lending Desk\n")
    for name, text in texts.items():
        assert "rdering" not in text, name
        assert "8000" not in text, name
    assert tomllib.loads(texts["pyproject.toml"])


@pytest.mark.parametrize("identity", [LONG, Identity("It", "it", 1)], ids=["long", "short"])
def test_code_is_in_shape_whatever_the_names_are(identity: Identity, tmp_path: Path) -> None:
    write(render(identity), tmp_path)
    for words in (["check"], ["format", "--check"]):
        result = subprocess.run(
            [sys.executable, "-m", "ruff", *words, "."],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout
