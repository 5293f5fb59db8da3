"""`carafe scaffold` in a service that `carafe new` made: single parts, and what it refuses."""

import json
from pathlib import Path

import pytest

from carafe.development.servers.stack import Stack
from tests.support.scaffolding import Service, rewritten_files
from tests.support.service_copy import ServiceCopy


@pytest.mark.parametrize(
    "part",
    [
        *("aggregate Loan", "repository Loan", "command RenewLoan", "query GetLoan"),
        *("subscription post.book.arrived.v1", "event LoanOpened", "client"),
        *("client Reminders", "value ShelfMark", "process Reminding"),
        *("subscription lending.loan.opened.v1", "subscription post.letter.sent.v1"),
    ],
)
def test_a_single_part_brings_what_it_needs(example: Service, tmp_path: Path, part: str) -> None:
    service = example.clone(tmp_path / "service")
    service.run("carafe", "scaffold", *part.split())
    service.run("pytest", "--collect-only", "-q")
    service.run("ruff", "check", ".")


def test_an_aggregate_needs_no_model(bare: Service, tmp_path: Path) -> None:
    service = bare.clone(tmp_path / "service")
    service.run("carafe", "scaffold", "aggregate", "Shelf", "--attribute", "room=text(40)")
    service.run("carafe", "diagrams", "--check")
    service.run("mypy")
    service.run("pytest", "-q", "tests/unit")


def test_a_service_written_by_hand_takes_more(stack: Stack, tmp_path: Path) -> None:
    copy = ServiceCopy(tmp_path / "service")
    service = Service(copy.folder, json.dumps(stack.environment))
    service.git("init", "--quiet")
    service.commit()
    before = service.code()
    attributes = ("--attribute", "room=text(40)", "--attribute", "price=money")
    service.run("carafe", "scaffold", "aggregate", "Shelf", *attributes)
    assert rewritten_files(before, service.code()) == []
    service.require_clean_code()
    service.run_new_tests(before)


def test_code_that_would_not_work_is_not_written(example: Service, tmp_path: Path) -> None:
    service = example.clone(tmp_path / "service")
    broken = "class Genre: ...\nraise ImportError\n"
    (service.folder / "chalicelib/domain/genre.py").write_text(broken)
    service.commit()
    output = service.run("carafe", "scaffold", "aggregate", "Book", expected=1)
    reason = "chalicelib/domain/genre.py, line 2: ImportError"
    assert f"error: nothing was written: {reason}" in output
    assert "Traceback" not in output
    assert service.status() == ""


@pytest.mark.parametrize(
    ("path", "text", "reason"),
    [
        ("chalicelib/api/wiring.py", "OPERATIONS = (\n", "is not valid Python"),
        ("chalicelib/api/wiring.py", "", "has no place for it"),
        ("chalicelib/infrastructure/bootstrap.py", "service = None\n", "a call of Service"),
        ("chalicelib/infrastructure/settings.py", "", "a class Settings"),
        ("chalicelib/contracts/scopes.py", "SCOPES = all_of()\n", "where it says all_of()"),
        ("chalicelib/contracts/client.py", "", "no class that extends ServiceClient"),
    ],
)
def test_a_place_that_is_missing_is_named_in_a_line(
    example: Service, tmp_path: Path, path: str, text: str, reason: str
) -> None:
    service = example.clone(tmp_path / "service")
    (service.folder / path).write_text(text)
    service.commit()
    (output,) = service.run("carafe", "scaffold", expected=1).splitlines()
    assert output.startswith(f"error: nothing was written: {path} ")
    assert reason in output
    assert service.status() == ""


def test_a_model_is_found_from_wherever_it_is_named(example: Service, tmp_path: Path) -> None:
    service = example.clone(tmp_path / "service")
    (service.folder / "model.yaml").rename(service.folder / "chalicelib/desk.yaml")
    output = service.run("carafe", "discover", "desk.yaml", "--dry-run", below="chalicelib")
    assert output.startswith("chalicelib/desk.yaml: 3 aggregates, 1 process, no faults")
    (refusal,) = service.run("carafe", "discover", below="tests", expected=1).splitlines()
    assert "error: model.yaml cannot be read" in refusal
    assert "`carafe discover --example > model.yaml`" in refusal
