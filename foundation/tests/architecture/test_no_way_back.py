"""The foundation knows no service: not by import, not by path, not in a single word.

What it prints, documents and answers is read in services that are about something else.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sample_words import sample_words
from tests.support.sources import (
    PACKAGE,
    RUNTIME,
    TOOLS,
    every_python_file,
    module_of,
    python_files,
)

# `carafe new --sample` makes that service: this file names it, and these lines of templates are
# left out of every other.
SAMPLE_ITSELF = PACKAGE / "development/new/sample.py"
FOR_THE_SAMPLE = re.compile(r"{% if sample %}.*?{% (?:else|endif) %}", re.DOTALL)

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
TEXTS = {".py", ".md", ".j2", ".json", ".yaml", ".txt", ".html", ".js", ".css", ".toml"}


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("There are no products.", ["products"]),
        ('"payment_declined": 402,', ["payment"]),
        ("class ProductRepository:", ["Product"]),
        ("SKU", ["SKU"]),
        ('"/orders/{id}"', ["orders"]),
        ("Repository[Order]", ["Order"]),
        ("    order_id: Identifier", ["order_id"]),
        ('"ordering.order.placed.v1"', ["ordering", "order.placed"]),
        ("the order of keys, by itertools.product, in borders that are reordered", []),
        ("def order_by(self, order: Sequence[str]) -> Recorder:", []),
    ],
)
def test_the_words_are_seen_where_they_stand(line: str, words: list[str]) -> None:
    assert list(sample_words(line)) == words


def _texts() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*") if path.suffix in TEXTS)


def _lines_for_every_service(path: Path) -> list[str]:
    """Return the lines of a file; those that only the sample gets are empty."""
    text = path.read_text("utf-8")
    if path.suffix == ".j2":
        text = FOR_THE_SAMPLE.sub(lambda block: "\n" * block.group().count("\n"), text)
    return text.splitlines()


def _found(paths: list[Path], pattern: str) -> list[str]:
    return [
        f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for path in paths
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize("package", RUNTIME)
def test_the_runtime_has_no_word_of_the_reference_service(package: str) -> None:
    """Code, messages, schemas, pages: a service about something else answers with them."""
    assert _sample_words(package) == []


@pytest.mark.parametrize("package", TOOLS)
def test_the_tools_have_no_word_of_the_reference_service(package: str) -> None:
    assert _sample_words(package) == []


def _sample_words(package: str) -> list[str]:
    paths = [path for path in _texts() if path.is_relative_to(PACKAGE / package)]
    paths = [path for path in paths if path != SAMPLE_ITSELF]
    assert paths
    return [
        f"{path.relative_to(PACKAGE)}:{number}: {word}"
        for path in paths
        for number, line in enumerate(_lines_for_every_service(path), 1)
        for word in sample_words(line)
    ]


def _runtime() -> list[Path]:
    return [PACKAGE / "__init__.py", *python_files(*RUNTIME)]


def test_the_runtime_never_names_the_package_of_a_service() -> None:
    assert _found(_runtime(), r"\bchalicelib\b") == []


def test_the_runtime_never_names_the_function_set_of_a_service() -> None:
    """Neither as a module nor in a reference; `order` stands here as text would name it."""
    named = [
        f"{module_of(path)}:{node.lineno}: {node.value}"
        for path in _runtime()
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"app([.:]\w+)*|order", node.value)
    ]
    assert named == []


def test_the_runtime_loads_by_name_only_what_a_service_declares() -> None:
    """And its own two front names."""
    loading = {module_of(path) for path in _runtime() if re.search(_LOADING, _code(path))}
    assert loading == {
        "carafe",
        "carafe.contracts.integration_events",  # the modules of a declared aggregate's package
        "carafe.infrastructure.references",
    }


_LOADING = r"\b(import_module|__import__|spec_from_file_location|runpy)\b"


def test_nothing_is_registered_by_being_defined() -> None:
    """Every table is passed in: what a service happens to have imported decides nothing."""
    assert _found(every_python_file(), r"__subclasses__|__init_subclass__") == []


def _code(path: Path) -> str:
    """Return a module without its docstrings and comments."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, DOCUMENTED) and ast.get_docstring(node) is not None:
            node.body[0] = ast.Pass()
    return ast.unparse(tree)


def _folders_beside(path: Path) -> Iterator[Path]:
    """Yield each folder that a module finds by its own place; its root for whoever hides it."""
    for place in re.finditer(r"(?<![\w.'])__file__", _code(path)):
        after = _code(path)[place.end() :]
        levels = re.match(r"\)((?:\.parent\b(?!s))+|\.parents\[(\d)\])?", after)
        if levels is None or levels[1] is None:
            yield Path("/")
        else:
            yield path.parents[int(levels[2]) if levels[2] else levels[1].count(".parent") - 1]


def test_the_runtime_finds_only_its_own_pages_by_its_place() -> None:
    """Where the package is installed says nothing about where a service is."""
    finding = {module_of(path): set(_folders_beside(path)) for path in _runtime()}
    assert {name: folders for name, folders in finding.items() if folders} == {
        "carafe.api.docs": {PACKAGE / "api/docs"}
    }


@pytest.mark.parametrize("package", TOOLS)
def test_the_tools_find_only_their_own_files_by_their_place(package: str) -> None:
    outside = [
        f"{module_of(path)}: {folder}"
        for path in python_files(package)
        for folder in _folders_beside(path)
        if not folder.is_relative_to(PACKAGE / package)
    ]
    assert outside == []
