"""What commands that require other aggregates add to the tests."""

from collections.abc import Callable

from carafe.development.discovery.model import Model

from .details import DetailedAggregate
from .requirement_code import required_aggregates
from .shared_files import SharedFiles
from .tree import Tree

CONFTEST = "tests/api/conftest.py"


def add_references(
    tree: Tree,
    shared: SharedFiles,
    render: Callable[..., str],
    aggregate: DetailedAggregate,
    model: Model,
) -> None:
    """Add a fixture by which what the commands require is there, and tests in which it is not.

    Args:
        tree: where they are added.
        shared: adds to the file that all tests of the API share.
        render: renders templates.
        aggregate: whose commands these are.
        model: of the service.
    """
    others = required_aggregates(aggregate, model=model)
    if not others:
        return
    tree.ensure(CONFTEST, '"""What the tests of the API share."""\n')
    for line in (
        "import pytest",
        "from carafe.infrastructure.container import Container",
        "from chalicelib.infrastructure.settings import Settings",
        f"from tests.support.{aggregate.snake}_references import add_{aggregate.snake}_references",
    ):
        shared.add_import(CONFTEST, line)
    shared.add_definition(CONFTEST, render("tests/references_fixture", aggregate=aggregate))
    text = render("tests/references", aggregate=aggregate)
    tree.add(f"tests/support/{aggregate.snake}_references.py", text)
    tests = render("tests/requirements", aggregate=aggregate)
    tree.add(f"tests/api/test_{aggregate.snake}_requirements.py", tests)
