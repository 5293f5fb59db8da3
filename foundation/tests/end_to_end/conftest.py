"""A checkout of its own for each test, and services to scaffold in."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from carafe.development.servers.stack import Stack
from tests.support.checkout import IGNORED
from tests.support.commands import output_of
from tests.support.places import ROOT
from tests.support.scaffolding import Service


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project, with no state of its own."""
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT, copy, ignore=IGNORED)
    return copy


@pytest.fixture(scope="session")
def bare(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A new service without an aggregate; its tests run on this run's servers."""
    folder = tmp_path_factory.mktemp("bare") / "lending"
    names = ("--name", "Lending Desk", "--context", "lending", "--port", "8123", "--yes")
    output_of(folder.parent, sys.executable, "-m", "carafe", "new", str(folder), *names)
    return Service(folder, json.dumps(stack.environment))


@pytest.fixture(scope="session")
def lending(bare: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A library's lending desk: discovered and scaffolded from the example."""
    service = bare.clone(tmp_path_factory.mktemp("whole") / "lending").with_example()
    service.run("carafe", "discover")
    discovered = service.diagrams()
    service.run("carafe", "scaffold")
    assert service.diagrams() == discovered
    service.commit()
    return service
