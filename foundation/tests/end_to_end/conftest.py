"""A checkout of its own for each test, and services that are upgraded."""

import secrets
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from carafe.development.servers.stack import Stack
from tests.support.checkout import IGNORED
from tests.support.new_service import Installation
from tests.support.next_version import NextVersion
from tests.support.places import ROOT
from tests.support.upgrading import UpgradedService, quick_service


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project, with no state of its own."""
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT, copy, ignore=IGNORED)
    return copy


@pytest.fixture
def given(stack: Stack) -> Mapping[str, str]:
    """Settings of a service on the servers of this run, for what is not about their start."""
    name = f"given-{secrets.token_hex(4)}"
    return {**stack.environment, "SERVICE_NAME": name, "MONGO_DATABASE": name}


@pytest.fixture(scope="session")
def next_version(tmp_path_factory: pytest.TempPathFactory) -> NextVersion:
    """The next version, as a wheel."""
    return NextVersion(tmp_path_factory.mktemp("next")).with_everything().build()


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """This version, installed from its wheel."""
    return Installation(tmp_path_factory.mktemp("released"))


@pytest.fixture(scope="session")
def first_desk(
    released: Installation, next_version: NextVersion, tmp_path_factory: pytest.TempPathFactory
) -> UpgradedService:
    """A service made with this version; tests have clones of it."""
    folder = tmp_path_factory.mktemp("made") / "lending"
    return quick_service(released, folder, next_version)


@pytest.fixture
def desk(first_desk: UpgradedService, tmp_path: Path) -> Iterator[UpgradedService]:
    """A service made with this version, with a team's history, which knows of the next one."""
    desk = first_desk.clone(tmp_path / "lending")
    yield desk
    desk.remove()
