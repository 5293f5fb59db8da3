"""The packages of both stages, made once for all tests."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from carafe.development.deployment import tools
from carafe.development.deployment.package import TEMPLATE, Package, build_package
from carafe.development.project import Project

Template = dict[str, Any]


@pytest.fixture(scope="session")
def packages(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Package]:
    """The package of each stage that is deployed."""
    folder = tmp_path_factory.mktemp("packages")
    return {
        stage: build_package(project, stage, folder / stage, print) for stage in ("dev", "prod")
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
