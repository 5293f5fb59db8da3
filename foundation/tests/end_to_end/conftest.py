"""A checkout of its own for each test, and services that are upgraded."""

import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from carafe.development.servers.stack import Stack
from tests.support.checkout import copy_of_project
from tests.support.chromium import find_chromium
from tests.support.devtools import Tab, tab
from tests.support.new_service import Installation
from tests.support.next_version import NextVersion
from tests.support.upgrading import UpgradedService, quick_service


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the project, with no state of its own."""
    return copy_of_project(tmp_path / "checkout")


@pytest.fixture
def given(stack: Stack) -> Mapping[str, str]:
    """Settings of a service on the servers of this run, for what is not about their start."""
    name = f"given-{secrets.token_hex(4)}"
    return {**stack.environment, "SERVICE_NAME": name, "MONGO_DATABASE": name}


@pytest.fixture(scope="session")
def _browser() -> Iterator[Tab]:
    with tab(find_chromium()) as opened:
        yield opened


@pytest.fixture
def empty_tab(_browser: Tab) -> Tab:
    """A tab of its own for each test, in one browser."""
    _browser.renew()
    return _browser


@pytest.fixture(scope="session")
def next_version(tmp_path_factory: pytest.TempPathFactory) -> NextVersion:
    """The next version, as a wheel."""
    return NextVersion(tmp_path_factory.mktemp("next")).with_everything().build()


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The foundation, installed from its wheel."""
    return Installation(tmp_path_factory.mktemp("installation"))


@pytest.fixture(scope="session")
def first_desk(
    installation: Installation, next_version: NextVersion, tmp_path_factory: pytest.TempPathFactory
) -> UpgradedService:
    """A service made with this version; tests have clones of it."""
    folder = tmp_path_factory.mktemp("made") / "lending"
    return quick_service(installation, folder, next_version)


@pytest.fixture
def desk(first_desk: UpgradedService, tmp_path: Path) -> Iterator[UpgradedService]:
    """A service made with this version, with a team's history, which knows of the next one."""
    desk = first_desk.clone(tmp_path / "lending")
    yield desk
    desk.remove()
