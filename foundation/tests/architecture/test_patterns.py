"""Patterns of contracts fit whole texts: `$` alone lets a last newline through in Python."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import carafe.contracts
import chalicelib.contracts
from carafe.contracts.patterns import END, whole
from carafe.development.contracts.commands import present_contracts
from carafe.development.nested import objects_in
from tests.support.sources import PACKAGE

PACKAGES = [carafe.contracts, chalicelib.contracts]
TEMPLATES = sorted(PACKAGE.glob("development/*/templates/**/*.j2"))

_BARE_END = re.compile(r"""pattern\s*=\s*[rf]*["'][^\n]*(\$|\\Z)["']""")


def every_contract() -> list[type[msgspec.Struct]]:
    """Return every contract of the foundation and of the service beside it."""
    modules = [
        importlib.import_module(f"{package.__name__}.{each.name}")
        for package in PACKAGES
        for each in pkgutil.iter_modules(package.__path__)
    ]
    classes = {
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, msgspec.Struct)
    }
    return sorted(classes, key=lambda each: (each.__module__, each.__name__))


def patterns_in(schema: object) -> Iterator[str]:
    for each in objects_in(schema):
        if isinstance(each.get("pattern"), str):
            yield each["pattern"]


def _other_types(_: type) -> dict[str, Any]:
    """Return a schema for what is no JSON: a declaration may hold a class."""
    return {"title": "not JSON"}


PATTERNS = [
    pytest.param(contract, pattern, id=f"{contract.__name__}-{pattern}")
    for contract in every_contract()
    for pattern in dict.fromkeys(
        patterns_in(msgspec.json.schema(contract, schema_hook=_other_types))
    )
]


def test_patterns_are_walked() -> None:
    assert len({each.values[0] for each in PATTERNS}) > 20


@pytest.mark.parametrize(("contract", "pattern"), PATTERNS)
def test_a_pattern_ends_where_the_text_ends(contract: type, pattern: str) -> None:
    del contract
    assert pattern.startswith("^")
    assert pattern.endswith(END)
    assert r"\Z" not in pattern  # ECMA-262 has none


def test_what_is_released_by_name_is_walked_too() -> None:
    snapshot = present_contracts()
    assert all(each.endswith(END) for each in patterns_in(snapshot))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda each: each.name)
def test_no_template_ends_a_pattern_otherwise(path: Path) -> None:
    assert not _BARE_END.search(path.read_text("utf-8"))


@pytest.mark.parametrize("text", ["AB\n", "AB\nAB", "\nAB", "ABC", "A", "AB\r", "AB "])
def test_a_whole_form_takes_nothing_else(text: str) -> None:
    assert re.search(whole("[A-Z]{2}"), "AB")
    assert not re.search(whole("[A-Z]{2}"), text)
    assert not re.search(whole("AB|CD"), f"{text}CD")
