"""The packages of both stages, made once for all tests; an account for those of a module."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from carafe.development.deployment import tools
from carafe.development.deployment.package import TEMPLATE, Package, build_package
from carafe.development.deployment.runtimes import this_machine
from carafe.development.project import Project
from tests.support.account import Account
from tests.support.places import ROOT

Template = dict[str, Any]


@pytest.fixture(scope="session")
def packages(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Package]:
    """The package of each stage that is deployed, for this machine, so that it can be run."""
    folder = tmp_path_factory.mktemp("packages")
    return {
        stage: build_package(project, stage, folder / stage, print, architecture=this_machine())
        for stage in ("dev", "prod")
    }


@pytest.fixture(params=["dev", "prod"])
def package(request: pytest.FixtureRequest, packages: Mapping[str, Package]) -> Package:
    """The package of a stage."""
    return packages[request.param]


@pytest.fixture
def template(package: Package) -> Template:
    """A stage's template, in SAM's form; a test may spoil it."""
    read: Template = json.loads((package.folder / TEMPLATE).read_text())
    return read


@pytest.fixture(scope="session")
def checking_tools() -> Path:
    """The folder of the packages that check templates and play AWS."""
    return tools.folder_of(tools.CHECKS, print)


@pytest.fixture(scope="module")
def account(checking_tools: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account for the tests of a module."""
    account = Account(checking_tools, tmp_path_factory.mktemp("account") / "log")
    yield account
    account.end()


@pytest.fixture
def small(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A tree of its own, as small as can be packaged: with nothing in requirements.txt."""
    assert project.app.app_name == project.service.name  # both are loaded, and not from the copy
    folder = tmp_path / "project"
    monkeypatch.syspath_prepend(folder)  # as the copy does itself; taken away again
    return small_tree(folder)


def small_tree(folder: Path) -> Project:
    """Make a tree with nothing in requirements.txt; its code is that of the whole one."""
    for name in ("chalicelib", ".chalice"):
        _link(ROOT / name, folder / name)
    (folder / "app.py").write_text((ROOT / "app.py").read_text())
    (folder / "requirements.txt").write_text("")
    return Project(folder)


def _link(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        is_copied = "deployments" not in path.parts and "deployed" not in path.parts
        if path.is_file() and is_copied and path.suffix != ".pyc":
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
