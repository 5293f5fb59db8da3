"""Files that all parts share are extended whatever form a person gave them."""

import ast
import shutil
from pathlib import Path
from typing import Any

import pytest

from carafe.development.discovery.model import ExternalService
from carafe.development.discovery.reading import EXAMPLE as EXAMPLE_MODEL
from carafe.development.discovery.resolution import resolve
from carafe.development.discovery.source import Source
from carafe.development.scaffold import edits, elements
from carafe.development.scaffold.edits import NoPlace
from carafe.development.scaffold.outcomes import write
from carafe.development.scaffold.parts import Scaffold
from carafe.development.scaffold.shared_files import EXAMPLE, SETTINGS, WIRING, SharedFiles
from carafe.development.scaffold.tree import Tree

ROOT = Path(__file__).parents[3]

LOAN = 'Loan: "kept:Loans"'


def same(left: str, right: str) -> bool:
    """Tell whether two pieces of code say the same."""
    return ast.unparse(ast.parse(left)) == ast.unparse(ast.parse(right))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("T = {}", "T = {'b': 2}"),
        ("T: Table = {}", "T: Table = {'b': 2}"),
        ("T = {'a': 1}", "T = {'a': 1, 'b': 2}"),
        ("T = {'a': 1,}", "T = {'a': 1, 'b': 2}"),
        ("T = {\n    'a': 1,  # one, the first\n}", "T = {'a': 1, 'b': 2}"),
        ("T = {\n    'a': 1  # one, the first\n}", "T = {'a': 1, 'b': 2}"),
        ("T = {'a': '# no, comment'}", "T = {'a': '# no, comment', 'b': 2}"),
        ("T = {'äöü': 1}; U = 1", "T = {'äöü': 1, 'b': 2}; U = 1"),
        ("T = {**OTHERS}", "T = {**OTHERS, 'b': 2}"),
        ("T = dict()", "T = dict({'b': 2})"),
        ("T = {'b': 3}", "T = {'b': 3}"),
    ],
)
def test_an_entry_is_inserted_into_a_table(before: str, after: str) -> None:
    assert same(elements.with_element(before, "T", "'b': 2"), after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("T = ()", "T = (b,)"),
        ("T = (a,)", "T = (a, b)"),
        ("T = (*a.all, *c.all)", "T = (*a.all, *c.all, b)"),
        ("T = []", "T = [b]"),
        ("T = [(a)]", "T = [(a), b]"),
        ("T = frozenset()", "T = frozenset({b})"),
        ("T: frozenset[str] = frozenset({a})", "T: frozenset[str] = frozenset({a, b})"),
        ("T = {a, b}", "T = {a, b}"),
        ("T = aa, cc", "T = aa, cc, b"),
        ("T = (a), f(c)", "T = (a), f(c), b"),
        ("T = a,", "T = a, b"),
        ("if True:\n    T = [a]", "if True:\n    T = [a, b]"),
    ],
)
def test_an_element_is_inserted_into_a_container(before: str, after: str) -> None:
    assert same(elements.with_element(before, "T", "b"), after)


def test_an_entry_is_taken_out_beside_unpacked_ones() -> None:
    text = "U = 1\nT = {**OTHERS, 'a': 1, 'b': 2}"
    assert same(elements.without_element(text, "T", "'b': 2"), "U = 1\nT = {**OTHERS, 'a': 1}")


@pytest.mark.parametrize("text", ["", "U = []", "T = made()", "T = a | b", "T: list[int]"])
def test_a_container_that_is_none_is_no_place(text: str) -> None:
    with pytest.raises(NoPlace, match="a tuple, list, set or dict"):
        elements.with_element(text, "T", "b")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("s = Service()", f"s = Service(kept={{{LOAN}}})"),
        ("s = Service(name='x',)", f"s = Service(name='x', kept={{{LOAN}}})"),
        ("s = Service(name='x')  # so, it is", f"s = Service(name='x', kept={{{LOAN}}})"),
        ("s = Service(kept={})", f"s = Service(kept={{{LOAN}}})"),
        ("s = carafe.Service(kept={A: 'a'})", f"s = carafe.Service(kept={{A: 'a', {LOAN}}})"),
        ("K = {A: 'a'}\ns = Service(kept=K)", f"K = {{A: 'a', {LOAN}}}\ns = Service(kept=K)"),
        ("s = Service(kept={Loan: 'mine'})", "s = Service(kept={Loan: 'mine'})"),
        ("s = Service(**c)", f"s = Service(**c, kept={{{LOAN}}})"),
    ],
)
def test_an_entry_is_inserted_into_an_argument(before: str, after: str) -> None:
    assert same(elements.with_argument_element(before, "Service", "kept", LOAN), after)


def test_a_call_that_is_missing_is_no_place() -> None:
    with pytest.raises(NoPlace, match="a call of Service"):
        elements.with_argument_element("s = made()", "Service", "kept", LOAN)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'def f(s):\n    """Say."""\n    return 1\n',
            'def f(s):\n    """Say."""\n    from .b import B\n    return 1\n',
        ),
        (
            "def f(s):\n    from .a import A\n    x = 1\n    return x\n",
            "def f(s):\n    from .a import A\n    from .b import B\n    x = 1\n    return x\n",
        ),
        ("def f(s):\n    return 1\n", "def f(s):\n    from .b import B\n    return 1\n"),
        (
            "from .b import B\ndef f(s):\n    return 1\n",
            "from .b import B\ndef f(s):\n    return 1\n",
        ),
    ],
)
def test_an_import_is_inserted_into_a_function(before: str, after: str) -> None:
    assert edits.with_local_import(before, "f", "from .b import B") == after


def test_an_argument_that_is_used_is_not_deleted() -> None:
    text = "def f(s, t):\n    del s  # goes soon\n    del t\n    return 1\n"
    assert edits.without_deletion(text, "f", "s") == "def f(s, t):\n    del t\n    return 1\n"
    assert edits.without_deletion(text, "f", "u") == text


# A form feed, and two characters that end lines elsewhere: for Python's parser they end none.
NO_ENDS = "\f# \u2028 \x85\n"


@pytest.mark.parametrize("text", [f"{NO_ENDS}import a", f"{NO_ENDS}import a\n"])
def test_lines_are_those_of_the_parser_and_the_last_one_ends(text: str) -> None:
    whole = text.rstrip("\n")
    assert edits.with_import(text, "import b") == f"{whole}\nimport b\n"
    assert edits.with_definition(f"{whole}\nA = 1", "B = 2") == f"{whole}\nA = 1\nB = 2\n"
    assert edits.with_member(f"{whole}\nclass C:\n    a: A", "C", "b: B") == (
        f"{whole}\nclass C:\n    a: A\n    b: B\n"
    )
    body = f"{whole}\ndef f(s):\n    del s"
    assert edits.without_deletion(f"{body}\n    return 1", "f", "s") == (
        f"{whole}\ndef f(s):\n    return 1\n"
    )
    described = edits.with_described_attribute(f'{whole}\nclass C:\n    """Say."""', "C", "b: two.")
    assert described.startswith(f'{whole}\nclass C:\n    """Say.\n')
    assert described.endswith('        b: two.\n    """\n')


CONSTANTS = 'ONE = 1\n\nALL = {ONE}\n"""All."""\n'


def test_constants_stand_in_one_block() -> None:
    result = edits.with_definition(CONSTANTS, "TWO = 2", "ALL")
    assert result == 'ONE = 1\nTWO = 2\n\nALL = {ONE}\n"""All."""\n'
    with pytest.raises(NoPlace, match="MOST"):
        edits.with_definition(CONSTANTS, "TWO = 2", "MOST")


def test_what_classes_need_stands_before_them() -> None:
    text = "from a import A\n\n\n@final\nclass B:\n    a: A\n"
    result = edits.with_definition_before_classes(text, "C = A")
    assert result.index("C = A") < result.index("@final")
    assert edits.with_definition_before_classes(result, "C = A") == result
    assert edits.with_definition_before_classes("", "C = A").strip() == "C = A"


@pytest.mark.parametrize(
    "before",
    [
        'class S(B):\n    """Say."""\n',
        'class S(B):\n    """Say.\n\n    More.\n    """\n',
        'class S(B):\n    """Say.\n\n    Attributes:\n        a: one.\n    """\n\n    a: str\n',
    ],
)
def test_an_attribute_is_described(before: str) -> None:
    result = edits.with_described_attribute(before, "S", "b: two.")
    description = ast.get_docstring(edits.class_of(result, "S")) or ""
    assert description.count("Attributes:") == 1
    assert description.endswith("    b: two.")
    assert edits.with_described_attribute(result, "S", "b: two.") == result


def test_a_field_stands_before_methods() -> None:
    text = 'class S(B):\n    """Say."""\n\n    def f(self): ...\n'
    result = edits.with_member(text, "S", "b: str")
    assert result.index("b: str") < result.index("def f")
    with pytest.raises(NoPlace, match="a class T"):
        edits.with_member(text, "T", "b: str")


# Whole files, as a person left them


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """A service with nothing but its rules of style; files are added by the tests."""
    shutil.copy2(ROOT / "pyproject.toml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return Tree(tmp_path)


def put(tree: Tree, path: str, text: str) -> None:
    file = tree.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def extended(tree: Tree, path: str) -> str:
    return next(each.text for each in tree.outcomes() if str(each.path) == path)


WITH_ANOTHER = """\
\"\"\"The settings.\"\"\"

import carafe
from carafe.infrastructure.settings import WebAddress


class Settings(carafe.Settings, frozen=True, kw_only=True):
    \"\"\"What the environment decides.

    Attributes:
        weather_url: where the weather is.
    \"\"\"

    weather_url: WebAddress  # demanded
"""
BARE = """\
\"\"\"The settings.\"\"\"

import carafe


class Settings(carafe.Settings, frozen=True, kw_only=True):
    \"\"\"What the environment decides.\"\"\"
"""
WITHOUT_ADDRESSES = {
    "MONGO_URI": "mongodb://database",
    "EVENT_BUS_TYPE": "base",
    "NUDGE_QUEUE_URL": "http://queue",
    "COMMAND_QUEUE_URL": "http://queue",
    "TOKEN_ISSUER": "http://issuer",
}


@pytest.mark.parametrize("before", [WITH_ANOTHER, BARE])
def test_a_setting_is_added_to_those_that_are_there(tree: Tree, before: str) -> None:
    put(tree, SETTINGS, before)
    put(tree, EXAMPLE, "# A port.\nPORT=8000\n# SAD_LETTERS_URL=http://127.0.0.1:1\n")
    SharedFiles(tree).add_address(ExternalService("Letters", "Sends them.", ()), 1)
    text = extended(tree, SETTINGS)
    made: dict[str, Any] = {}
    exec(compile(text, SETTINGS, "exec"), made)  # noqa: S102 - it is what is tested
    environment = WITHOUT_ADDRESSES | {"WEATHER_URL": "http://weather"}
    settings = made["Settings"].read(environment, "lending")
    assert settings.letters_url == "http://127.0.0.1:8093"
    assert made["Settings"].__struct_fields__[-1] == "letters_url"
    assert "letters_url: the address of that service." in made["Settings"].__doc__
    assert hasattr(settings, "weather_url") == (before == WITH_ANOTHER)
    example = extended(tree, EXAMPLE)
    assert example.endswith("default.\nLETTERS_URL=http://127.0.0.1:8093\n")
    again = Tree(tree.root)
    write(tree.root, tree.outcomes())
    SharedFiles(again).add_address(ExternalService("Letters", "Sends them.", ()), 1)
    assert {each.state for each in again.outcomes()} == {"same"}


WIRED = """\
\"\"\"What the service serves.\"\"\"

from carafe.api.endpoints import Operation
from carafe.api.handlers import Handlers
from carafe.infrastructure.container import Container
from carafe.infrastructure.identifiers import now

from chalicelib.domain.book import Book
from chalicelib.infrastructure.settings import Settings

from .books.routes import endpoints as books
from .health import OPERATIONS as HEALTH

OPERATIONS: tuple[Operation, ...] = (*HEALTH, *books.operations)


def handlers(service: Container[Settings]) -> Handlers:
    \"\"\"Return every handler.\"\"\"
    from .books.commands import BookCommands

    kept = service.repository(Book)
    return Handlers(commands=[BookCommands(kept, kept, now).handlers()])
"""


@pytest.mark.parametrize("service", ["service", "container"])
def test_handlers_are_added_beside_those_that_somebody_wired(tree: Tree, service: str) -> None:
    put(
        tree,
        WIRING,
        WIRED.replace("service: Con", f"{service}: Con").replace("service.repo", f"{service}.repo"),
    )
    model = resolve(Source(EXAMPLE_MODEL.read_text(), "lending.yaml"))
    shared = SharedFiles(tree)
    for aggregate in Scaffold(model, tree).aggregates[:2]:
        shared.add_routes(aggregate)
        shared.add_handlers(aggregate, "commands", clock=True)
        shared.add_handlers(aggregate, "queries", clock=False)
    text = extended(tree, WIRING)
    assert text.startswith(WIRED[: WIRED.index("from chalicelib.domain.book")])
    served = text[text.index("OPERATIONS: tuple") : text.index("def ")]
    wanted = "(*HEALTH, *books.operations, *members.operations)"
    assert same(served, f"OPERATIONS: tuple[Operation, ...] = {wanted}")
    assert text.count("BookCommands(") == 1
    for handlers in (
        "BookCommands(kept, kept, now)",
        f"MemberCommands({service}.repository(Member), {service}.clock)",
        f"BookQueries({service}.repository(Book))",
        f"MemberQueries({service}.repository(Member))",
    ):
        assert f"{handlers}.handlers()" in text
    put(tree, WIRING, text)
    again = Tree(tree.root)
    SharedFiles(again).add_routes(Scaffold(model, again).aggregates[1])
    SharedFiles(again).add_handlers(Scaffold(model, again).aggregates[1], "queries", clock=False)
    assert [each.state for each in again.outcomes()] == ["same"]


@pytest.mark.parametrize("text", ["", "(", "OPERATIONS = ()\n", "def handlers(service): ...\n"])
def test_a_wiring_that_is_another_thing_is_named(tree: Tree, text: str) -> None:
    put(tree, WIRING, text)
    model = resolve(Source(EXAMPLE_MODEL.read_text(), "lending.yaml"))
    (book, *_) = Scaffold(model, tree).aggregates
    with pytest.raises(NoPlace, match=r"^chalicelib/api/wiring\.py (has no place|is not valid)"):
        SharedFiles(tree).add_handlers(book, "commands", clock=True)
