"""`carafe scaffold upcaster`: the step from the released form to the present one, and its test."""

import json
from pathlib import Path

import pytest

from carafe.development.servers.stack import Stack
from tests.support.scaffolding import Service
from tests.support.service_copy import ServiceCopy

PRODUCT = "chalicelib/domain/product.py"
REPOSITORY = "chalicelib/infrastructure/repositories/product_repository.py"
TEST = "tests/infrastructure/test_product_version_1.py"


@pytest.fixture
def service(stack: Stack, tmp_path: Path) -> Service:
    """The reference service, whose products got a colour."""
    copy = ServiceCopy(tmp_path / "service")
    service = Service(copy.folder, json.dumps(stack.environment))
    service.git("init", "--quiet")
    service.commit()
    methods = "\n\n    @classmethod"
    edit(service, PRODUCT, methods, f'\n    colour: str = "red"{methods}')
    return service


def edit(service: Service, path: str, old: str, new: str) -> None:
    file = service.folder / path
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def with_version(service: Service, old: str, new: str) -> None:
    edit(service, PRODUCT, f'"products", {old}indexes', f'"products", {new}indexes')


def test_a_step_reads_what_was_released(service: Service) -> None:
    refusal = service.run("carafe", "database", "check", expected=1)
    assert "break  Product.colour is new" in refusal
    with_version(service, "", "version=2, ")
    service.run("carafe", "scaffold", "upcaster", "Product")
    text = (service.folder / REPOSITORY).read_text()
    assert 'state["colour"] = "text"  # TODO: ' in text
    assert "upcasters: ClassVar[Mapping[int, Upcaster]] = {1: from_version_1}" in text
    service.run("carafe", "database", "check")
    service.run("mypy")
    service.run("pytest", "-q", TEST, "tests/unit/test_declaration.py")
    assert "FIX002" in service.run("ruff", "check", ".", expected=1)  # until somebody decides
    edit(service, REPOSITORY, "from_version_1(state: Document)", "from_version_1(_: Document)")
    service.run("pytest", "-q", TEST, expected=1)


def test_a_further_step_is_added_to_the_others(service: Service) -> None:
    with_version(service, "", "version=2, ")
    service.run("carafe", "scaffold", "upcaster", "Product")
    service.run("carafe", "database", "release")
    edit(service, PRODUCT, "    colour: str", "    shade: str")
    with_version(service, "version=2, ", "version=3, ")
    service.run("carafe", "scaffold", "upcaster", "Product")
    text = (service.folder / REPOSITORY).read_text()
    assert "= {1: from_version_1, 2: from_version_2}" in text
    assert 'state["shade"] = state.pop("colour")  # TODO: ' in text


@pytest.mark.parametrize(
    ("name", "version", "reason"),
    [
        ("Parcel", "", "there is no aggregate Parcel; there are: Fulfilment, Order, Product"),
        ("Product", "", "version 1 of Product is released: set version=2 first"),
        ("Product", "version=3, ", "version 1 of Product is released: set version=2 first"),
    ],
)
def test_without_a_step_to_write_nothing_is_written(
    service: Service, name: str, version: str, reason: str
) -> None:
    with_version(service, "", version)
    service.commit()
    output = service.run("carafe", "scaffold", "upcaster", name, expected=1)
    assert f"error: nothing was written: {reason}" in output
    assert service.status() == ""


def test_a_step_is_written_once(service: Service) -> None:
    with_version(service, "", "version=2, ")
    service.run("carafe", "scaffold", "upcaster", "Product")
    output = service.run("carafe", "scaffold", "upcaster", "Product", expected=1)
    assert "the repository of Product has an upcaster from 1 already" in output
