"""The bill of materials names what a deployed service gets, at the versions that are tested."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from release import bill_of_materials
from release.checkout import NotReleased
from tests.support.places import FOUNDATION, ROOT

PINS = (ROOT / "constraints.txt").read_text("utf-8")
PROJECT = tomllib.loads((FOUNDATION / "pyproject.toml").read_text("utf-8"))["project"]
REQUIREMENTS = PROJECT["dependencies"] + PROJECT["optional-dependencies"]["service"]
TIME = 1_700_000_000


@pytest.fixture
def built(tmp_path: Path) -> list[Path]:
    """A wheel and an sdist."""
    paths = [
        tmp_path / f"carafe_foundation-1.2.3{each}" for each in ("-py3-none-any.whl", ".tar.gz")
    ]
    for path in paths:
        path.write_bytes(path.name.encode())
    return paths


@pytest.fixture
def text(built: list[Path]) -> str:
    """The bill of materials of these."""
    return bill_of_materials.text(built, REQUIREMENTS, PINS, TIME)


@pytest.fixture
def bill(text: str) -> dict[str, Any]:
    """The same, read."""
    bill: dict[str, Any] = json.loads(text)
    return bill


def test_it_is_valid_and_the_same_again(text: str, built: list[Path]) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    assert bill_of_materials.text(built, REQUIREMENTS, PINS, TIME) == text


def test_it_lists_what_is_deployed(bill: dict[str, Any]) -> None:
    """That is what requirements.txt pins, and no more."""
    pinned = bill_of_materials.PIN.findall((ROOT / "requirements.txt").read_text("utf-8"))
    assert len(pinned) >= 10
    assert {(each["name"], each["version"]) for each in bill["components"]} == set(pinned)
    assert all(each["purl"].startswith("pkg:pypi/") for each in bill["components"])


def test_it_says_what_needs_what(bill: dict[str, Any]) -> None:
    needs = {
        each["ref"].split("@")[0].removeprefix("pkg:pypi/"): each.get("dependsOn", [])
        for each in bill["dependencies"]
    }
    (of_cryptography,) = needs["cryptography"]
    assert of_cryptography.startswith("pkg:pypi/cffi@")
    assert len(needs["carafe-foundation"]) == len(REQUIREMENTS)


def test_it_is_about_these_files(bill: dict[str, Any], built: list[Path]) -> None:
    component = bill["metadata"]["component"]
    assert (component["name"], component["version"]) == ("carafe-foundation", "1.2.3")
    assert {each["url"] for each in component["externalReferences"]} == {
        path.name for path in built
    }
    assert bill["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"


@pytest.mark.parametrize(
    ("pins", "reason"),
    [
        (PINS.replace("pika==", "pika==0."), "constraints.txt says 0."),
        (PINS.replace("pika==", "pica=="), "constraints.txt says nothing"),
    ],
)
def test_another_environment_than_the_tested_one_is_refused(
    built: list[Path], pins: str, reason: str
) -> None:
    with pytest.raises(NotReleased, match=r"^pika [\d.]+ is installed") as refusal:
        bill_of_materials.text(built, REQUIREMENTS, pins, TIME)
    assert reason in str(refusal.value)


def test_what_is_not_installed_is_named(built: list[Path]) -> None:
    with pytest.raises(NotReleased, match=r"^not-there is not installed: run `make install`"):
        bill_of_materials.text(built, ["not-there>=1"], PINS, TIME)
