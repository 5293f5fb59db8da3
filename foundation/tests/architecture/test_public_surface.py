"""What services rely on is named in docs/public-surface.md, and what is named there is so."""

import ast
import importlib
import importlib.util
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import pytest

from carafe.api import open_routes, operator_routes
from carafe.development.cli import main
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.new.files import TEMPLATES, render, write
from carafe.development.new.identity import Identity
from carafe.development.new.sample import files_below
from carafe.development.scaffold.parts import Scaffold
from carafe.development.scaffold.selection import add_everything
from carafe.development.scaffold.tree import Tree
from release.document import surface_of
from release.surface import Code
from tests.support.places import FOUNDATION, ROOT
from tests.support.public_names import imported, imported_in_text, in_documents

SURFACE = surface_of(ROOT)
PUBLIC = {(module, name) for module, names in SURFACE.names.items() for name in names}
PAGES = FOUNDATION / "carafe/development/pages"
SCAFFOLD_TEMPLATES = FOUNDATION / "carafe/development/scaffold/templates"
MODELS = [
    PAGES / "lending.yaml",
    *(FOUNDATION / f"tests/data/{each}.yaml" for each in ("kinds", "corners")),
]
LIBRARY = Identity("Lending Desk", "lending")


def internal(names: Iterable[tuple[str, str]]) -> list[str]:
    """Return those names that are not public; modules of public names are."""
    found = {name for name in names if name not in PUBLIC and ".".join(name) not in SURFACE.names}
    return sorted(map(".".join, found))


def test_there_is_something_to_compare() -> None:
    assert len(PUBLIC) > 150
    assert internal([("carafe.domain.model", "AggregateRoot"), ("carafe.domain", "model")]) == []
    assert internal([("carafe.domain.model", "C")]) == ["carafe.domain.model.C"]


def test_names_are_found_however_they_are_imported() -> None:
    code = "from carafe import Service\nfrom carafe.domain import errors as e\ne.NotFound\n"
    assert {*imported(code)} == {
        *(("carafe", "Service"), ("carafe.domain", "errors"), ("carafe.domain.errors", "NotFound"))
    }
    assert [*imported("import carafe\ncarafe.Settings")] == [("carafe", "Settings")]
    text = "{% if x %}\nfrom carafe.a import (\n    B,\n    c, # d\n)\n{% endif %}"
    assert {*imported_in_text(text)} >= {("carafe.a", "B"), ("carafe.a", "c")}


def test_what_the_reference_service_imports_is_public() -> None:
    files = [path for path in files_below(ROOT).values() if path.suffix == ".py"]
    assert len(files) > 80
    assert internal(name for path in files for name in imported(path.read_text("utf-8"))) == []


def test_what_a_new_service_imports_is_public() -> None:
    files = {name: text for name, text in render(LIBRARY).items() if name.endswith(".py")}
    names = [name for text in files.values() for name in imported(text)]
    assert ("carafe.api.functions", "Functions") in names
    assert internal(names) == []


def test_whatever_templates_may_write_is_public() -> None:
    texts = [
        path.read_text("utf-8")
        for each in (TEMPLATES, SCAFFOLD_TEMPLATES)
        for path in each.rglob("*.j2")
    ]
    names = [name for text in texts for name in imported_in_text(text)]
    assert len(names) > 100
    assert internal(names) == []


def test_whatever_the_scaffolder_may_write_is_public() -> None:
    """Such as an upcaster, whose code is no template."""
    names = [
        name
        for path in SCAFFOLD_TEMPLATES.parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for name in imported_in_text(node.value)
    ]
    assert ("carafe.infrastructure.database.codec", "Document") in names
    assert internal(names) == []


@pytest.mark.parametrize("model", MODELS, ids=lambda path: path.stem)
def test_what_a_scaffolded_service_imports_is_public(model: Path, tmp_path: Path) -> None:
    write(render(LIBRARY), tmp_path)
    tree = Tree(tmp_path)
    add_everything(Scaffold(resolve(Source(model.read_text("utf-8"), model.name)), tree))
    texts = [each.text for each in tree.outcomes() if str(each.path).endswith(".py")]
    names = [name for text in texts for name in imported(text)]
    assert ("carafe.domain.model", "AggregateRoot") in names
    assert internal(names) == []


def test_what_documents_show_is_public() -> None:
    paths = [ROOT / "README.md", FOUNDATION / "README.md", *PAGES.glob("*.md")]
    names = [*in_documents(path.read_text("utf-8") for path in paths)]
    assert ("carafe", "Service") in names
    assert internal(names) == []


def test_every_public_name_is_there_with_docstring_and_types() -> None:
    assert Code(ROOT).faults(SURFACE) == []


@pytest.mark.parametrize("module", SURFACE.names)
def test_every_public_name_can_be_imported(module: str) -> None:
    loaded = importlib.import_module(module)
    assert [name for name in SURFACE.names[module] if not hasattr(loaded, name)] == []


def test_the_tools_are_internal_but_for_what_local_plugs_in_and_tests_play() -> None:
    tools = {name for name in SURFACE.names if name.startswith("carafe.development.")}
    assert tools == {
        f"carafe.development.{each}"
        for each in (
            *("demo", "event_sources", "first_event", "inbox_pump", "lambda_events", "project"),
            *("pump", "rehearse.rehearsal", "servers.json_server", "servers.python_server"),
            *("servers.stack", "stubs.script", "stubs.server"),
        )
    }


def test_the_commands_are_those_of_the_document() -> None:
    assert sorted(_commands(main, "")) == sorted(SURFACE.words["Commands"])


def _commands(command: click.Command, path: str) -> Iterator[str]:
    """Yield each command, and each of its options."""
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from _commands(each, f"{path} {name}".strip())
        if not command.invoke_without_command:
            return
    if path:
        yield path
        options = [each for each in command.params if isinstance(each, click.Option)]
        names = [name for each in options for name in (*each.opts, *each.secondary_opts)]
        yield from (f"{path} {name}" for name in names if name.startswith("--"))


def test_the_variables_are_those_of_the_document() -> None:
    example = render(LIBRARY)[".env.example"]
    variables = re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", example, re.MULTILINE)
    assert {*variables, "STAGE"} == set(SURFACE.words["Environment"])


def test_the_targets_are_those_of_the_document() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", render(LIBRARY)["Makefile"], re.MULTILINE)
    assert sorted(targets) == sorted(SURFACE.words["Targets of make"])


def test_the_routes_are_those_of_the_document() -> None:
    files = (open_routes.__file__, operator_routes.__file__)
    texts = [Path(each).read_text("utf-8") for each in files]
    routes = [each for text in texts for each in re.findall(r'@app\.route\("(.+?)"', text)]
    assert sorted(f"GET {route}" for route in routes) == sorted(SURFACE.words["Routes"])


def test_the_fixtures_are_those_of_the_document() -> None:
    text = (FOUNDATION / "carafe/testing/plugin.py").read_text("utf-8")
    fixtures = re.findall(r"^@pytest\.fixture.*\ndef ([a-z]\w*)", text, re.MULTILINE)
    assert sorted(fixtures) == sorted(SURFACE.words["Fixtures"])
