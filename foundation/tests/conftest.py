"""Real servers for every test that asks for them; the service is the one beside this house."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import hypothesis
import pytest

from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.testing.clock import AdvanceableClock
from tests.support import alarms as alarm_service
from tests.support.alarms import Alarms
from tests.support.callers import CUSTOMER
from tests.support.commands import output_of
from tests.support.scaffolding import Service

pytest_plugins = [
    "carafe.testing.plugin",
    "tests.support.command_check",
    "tests.support.process_state",
    "tests.support.reminding_world",
    "pytester",
]

# Half a second of each start.
PLUGINS = "-p no:schemathesis -p no:hypothesispytest -p no:anyio"

# How long an example takes says something of the machine, and nothing of the code.
hypothesis.settings.register_profile("carafe", deadline=None)
hypothesis.settings.load_profile("carafe")


@pytest.fixture(scope="session", autouse=True)
def _plugins_of_a_service() -> Iterator[None]:
    """Let the pytests that tests start do without plugins that no service has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTEST_ADDOPTS", PLUGINS)
        yield


@pytest.fixture
def caller() -> Mapping[str, str]:
    """Who calls the API where a test names nobody else: a customer."""
    return CUSTOMER


@pytest.fixture
def alarms(service: Container[Any], clock: AdvanceableClock) -> Iterator[Alarms]:
    """A small service with timers, on the servers and the database of this test's service."""
    del service  # it sets the environment
    alarms = Alarms(alarm_service.declared(clock), clock)
    alarms.container.prepare_database()
    yield alarms
    alarms.container.close()


@pytest.fixture(scope="session")
def bare(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A new service without an aggregate; its tests run on this run's servers."""
    folder = tmp_path_factory.mktemp("bare") / "lending"
    names = ("--name", "Lending Desk", "--context", "lending", "--port", "8124", "--yes")
    output_of(folder.parent, sys.executable, "-m", "carafe", "new", str(folder), *names)
    return Service(folder, json.dumps(stack.environment))


@pytest.fixture(scope="session")
def example(bare: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A new service with the example as its model, and no code of it yet."""
    service = bare.clone(tmp_path_factory.mktemp("example") / "lending").with_example()
    service.commit()
    return service


@pytest.fixture(scope="session")
def lending(example: Service, tmp_path_factory: pytest.TempPathFactory) -> Service:
    """A library's lending desk: discovered and scaffolded from the example."""
    service = example.clone(tmp_path_factory.mktemp("whole") / "lending")
    service.run("carafe", "discover")
    discovered = service.diagrams()
    service.run("carafe", "scaffold")
    assert service.diagrams() == discovered
    service.commit()
    return service
