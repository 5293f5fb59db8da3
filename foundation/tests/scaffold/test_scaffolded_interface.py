"""Code passes every check where a model calls other services, and when such a call is added."""

import re
import shutil
from pathlib import Path

import pytest

from tests.support.scaffolding import Service

DATA = Path(__file__).parents[1] / "data"

CALL = """\
      MoveBook:
        behavior: move
        route: "PUT /books/{id}/shelf-mark"
        calls: {operation: Couriers.fetch, with: {book_id: id}}
"""

COURIERS = """\
  Couriers:
    description: Carries books.
    operations:
      fetch:
        description: Fetch one.
        request: PUT /books/{book_id}
        takes: {book_id: identifier}
"""


@pytest.fixture(scope="module")
def interface(bare: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A service made of a model that meets others in every way."""
    service = bare.clone(tmp_path_factory.mktemp("interface") / "service")
    shutil.copy2(DATA / "interface.yaml", service.folder / "model.yaml")
    service.run("carafe", "scaffold")
    service.commit()
    return service


def test_it_passes_every_check(interface: Service) -> None:
    interface.require_clean_code()
    interface.run("ruff", "format", "--check", ".")
    interface.run("carafe", "diagrams", "--check")
    interface.run_tests()


def test_it_is_in_the_diagrams(interface: Service) -> None:
    drawn = (interface.folder / "diagrams/infrastructure.md").read_text()
    assert "INSURANCE_URL" in drawn


def test_a_call_that_is_added_reaches_the_wiring(lending: Service, tmp_path: Path) -> None:
    service = lending.clone(tmp_path / "service")
    before = '      MoveBook: {behavior: move, route: "PUT /books/{id}/shelf-mark"}\n'
    services = "external_services:\n"
    service.edit("model.yaml", (before, CALL), (services, services + COURIERS))
    output = service.run("carafe", "scaffold")
    assert "left" not in output
    wiring = (service.folder / "chalicelib/api/wiring.py").read_text()
    assert "service.adapter(Couriers)" in wiring
    service.require_clean_code()
    service.run(
        "pytest", "-q", "tests/api/test_book_calls.py", "tests/infrastructure/test_couriers.py"
    )


def test_ports_that_people_have_changed_stay(lending: Service, tmp_path: Path) -> None:
    service = lending.clone(tmp_path / "service")
    ports = "BookCommands(service.repository(Book), service.clock)"
    service.edit("chalicelib/api/wiring.py", (ports, ports.replace(")", ", clock=service.clock)")))
    before = '      MoveBook: {behavior: move, route: "PUT /books/{id}/shelf-mark"}\n'
    services = "external_services:\n"
    service.edit("model.yaml", (before, CALL), (services, services + COURIERS))
    output = service.run("carafe", "scaffold", "--dry-run", expected=1)
    assert re.search(r"^would leave +chalicelib/api/wiring\.py\n    --- ", output, re.MULTILINE)
    assert "merge what --dry-run shows by hand" in output
