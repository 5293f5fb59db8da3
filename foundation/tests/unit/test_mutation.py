"""What `make mutate` tells of mutants, and that the known survivors are of the present code."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest

from mutation.modules import MODULES, Module
from mutation.survivors import KNOWN, Change, change_of, functions_of, known, lines_of
from mutation.undecorated import undecorated
from tests.support.places import FOUNDATION

DECORATED = """
from contextlib import contextmanager

@contextmanager
def doubled(number):
    yield 2 * number

class Box:
    @property
    def size(self):
        return 7

    @staticmethod
    def made():
        return Box()
"""

MUTATED = """
class Box:
    def xǁBoxǁfilled__mutmut_orig(self, count):
        self.count = count
        return (self.count >
                7)
    def xǁBoxǁfilled__mutmut_1(self, count):
        self.count = None
        return (self.count >
                7)
    def xǁBoxǁfilled__mutmut_2(self, count):
        self.count = count
        return (self.count >=
                7)
def x_made__mutmut_orig(size=1): return size
def x_made__mutmut_1(size=2): return size
"""


def test_without_decorators_functions_do_the_same() -> None:
    text = undecorated(DECORATED)
    names: dict[str, Any] = {}
    exec(text, names)  # noqa: S102 - the text above
    with names["doubled"](4) as eight:
        assert (eight, names["Box"].made().size) == (8, 7)
    assert "@contextmanager" not in text
    assert "@property" not in text
    assert "@staticmethod" in text


@pytest.mark.parametrize(
    ("mutant", "change"),
    [
        ("xǁBoxǁfilled__mutmut_1", Change("Box.filled", "self.count = count", "self.count = None")),
        (
            "xǁBoxǁfilled__mutmut_2",
            Change("Box.filled", "return self.count > 7", "return self.count >= 7"),
        ),
        ("x_made__mutmut_1", Change("made", "def (size=1):", "def (size=2):")),
    ],
)
def test_a_mutant_is_told_by_the_statement_that_it_changes(mutant: str, change: Change) -> None:
    assert change_of(functions_of(MUTATED), mutant) == change


def source_lines(module: Module) -> Iterator[tuple[str, list[str]]]:
    """Yield the functions of a module's files, with their classes, and their lines."""
    for name in module.files:
        tree = ast.parse(undecorated((FOUNDATION / name).read_text(encoding="utf-8")))
        for node in tree.body:
            for each in node.body if isinstance(node, ast.ClassDef) else [node]:
                if isinstance(each, ast.FunctionDef):
                    prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
                    yield f"{prefix}{each.name}", lines_of(each)


@pytest.mark.parametrize("module", MODULES, ids=lambda each: each.name)
def test_known_survivors_are_of_the_present_code(module: Module) -> None:
    lines = dict(source_lines(module))
    gone = [
        each
        for each, reason in known(module.name).items()
        if not reason or not set(each.was.splitlines()) <= set(lines.get(each.function, ()))
    ]
    assert gone == []


@pytest.mark.parametrize("module", MODULES, ids=lambda each: each.name)
def test_what_is_mutated_and_its_tests_are_there(module: Module) -> None:
    assert all((FOUNDATION / each).exists() for each in module.files)
    for each in module.tests:
        file, _, name = each.partition("::")
        text = (FOUNDATION / "tests" / file).read_text(encoding="utf-8")
        assert not name or re.search(rf"^(def|class) {name}\W", text, re.MULTILINE), each


def test_each_list_of_known_survivors_is_of_a_module() -> None:
    assert {each.stem for each in KNOWN.glob("*.toml")} <= {each.name for each in MODULES}
