"""Fixtures with real servers for the test run, and a service of its own for each test.

The service is the one around pytest's root folder.
"""

import gc
import json
import os
import secrets
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import pytest

from carafe.development import environment_file
from carafe.development.event_sources import QueueTrigger
from carafe.development.project import Project, root_above
from carafe.development.queues import sqs_client
from carafe.development.servers.declared import declared_servers
from carafe.development.servers.stack import Stack
from carafe.infrastructure.container import Container
from carafe.infrastructure.database.memory import memory_repository

from .clock import AdvanceableClock
from .databases import Databases
from .description import Description
from .http import Api
from .reuse import a_name
from .shared_memory import data_in_memory
from .sqs import Sqs
from .timers import Timers
from .tokens import AUDIENCE, SignedIn
from .topologies import Topologies

if TYPE_CHECKING:
    from chalice.test import Client
    from xdist.remote import Producer

    from .scheduling import ByFile

# Failed assertions of the suites show their values, like those of tests.
pytest.register_assert_rewrite("carafe.testing.suites")

MEMORY = str(Path(memory_repository.__file__).parent)
TraceFunction = Callable[[FrameType, str, object], Any]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option for folders whose tests must run in one process."""
    parser.addini(
        "together",
        "folders whose tests run in one process, because they share ports or files; "
        "by default, the tests of each file do",
        type="args",
        default=[],
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let the garbage collector leave alone what collecting makes, which stays until the end.

    It would look through all of it again and again: a tenth of the time of thousands of tests.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: "Producer") -> "ByFile":
    """Return the scheduler that keeps such tests together."""
    from .scheduling import ByFile  # noqa: PLC0415 - only with xdist

    return ByFile(config, log)


@pytest.fixture(scope="session")
def project(pytestconfig: pytest.Config) -> Project:
    """The service's tree."""
    return Project(root_above(pytestconfig.rootpath))


@pytest.fixture(scope="session")
def stack(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """All servers of the local stack, the service's own included, for this test run.

    A test that runs other tests shares its servers with them in TEST_SERVERS.
    """
    folder = tmp_path_factory.mktemp("stack")
    shared: Mapping[str, str] = json.loads(os.environ.get("TEST_SERVERS", "{}"))
    others = declared_servers(project)
    data = [folder / server / "data" for server in ("mongodb", "rabbitmq")]
    with (
        data_in_memory(*data),
        Stack(folder, shared, others, preferred_ports=False, test_commands=True) as stack,
    ):
        yield stack


@pytest.fixture(scope="session")
def sqs(stack: Stack) -> Sqs:
    """The SQS of the local stack."""
    return Sqs(sqs_client(stack.environment["AWS_ENDPOINT_URL"]))


@pytest.fixture
def nudges(sqs: Sqs) -> QueueTrigger:
    """A queue for nudges, with its dead-letter queue, for this test only."""
    trigger = QueueTrigger("bridge", f"nudges-{secrets.token_hex(4)}", 10, 0)
    sqs.declare(trigger)
    return trigger


@pytest.fixture
def command_queue(sqs: Sqs) -> QueueTrigger:
    """A queue for commands, with its dead-letter queue, for this test only."""
    trigger = QueueTrigger("execute", f"commands-{secrets.token_hex(4)}", 10, 0)
    sqs.declare(trigger)
    return trigger


@pytest.fixture(scope="session")
def _databases(stack: Stack) -> Iterator[Databases]:
    with closing(Databases(stack.environment["MONGO_URI"])) as databases:
        yield databases


@pytest.fixture(scope="session")
def _topologies(stack: Stack) -> Iterator[Topologies]:
    with closing(Topologies(stack.environment)) as topologies:
        yield topologies


@pytest.fixture
def environment(
    request: pytest.FixtureRequest,
    stack: Stack,
    sqs: Sqs,
    nudges: QueueTrigger,
    command_queue: QueueTrigger,
    _databases: Databases,
    _topologies: Topologies,
) -> Mapping[str, str]:
    """The environment of a service for this test only."""
    # A test without that fixture may wire another service, which has other collections.
    is_prepared = "service" in request.fixturenames
    database = _databases.name() if is_prepared else a_name()
    return {
        **stack.environment,
        "SERVICE_NAME": _topologies.name() if is_prepared else database,
        "MONGO_DATABASE": database,
        "EVENT_BUS_TYPE": "rabbitmq",
        "NUDGE_QUEUE_URL": sqs.url(nudges.queue),
        "COMMAND_QUEUE_URL": sqs.url(command_queue.queue),
        "SWEEP_GRACE_SECONDS": "0",
        "TOKEN_AUDIENCE": AUDIENCE,
    }


@pytest.fixture(scope="class")
def class_container(project: Project, stack: Stack) -> Iterator[Container[Any]]:
    """A wired service with a database only, for all tests of a class."""
    name = f"test-{secrets.token_hex(4)}"
    addresses = {
        # Not put into the process's environment, where boto3 would read it.
        **environment_file.read(project.root / ".env"),
        **os.environ,
        **stack.environment,
        "MONGO_DATABASE": name,
        "NUDGE_QUEUE_URL": f"{stack.environment['AWS_ENDPOINT_URL']}/nobody/listens",
        "COMMAND_QUEUE_URL": f"{stack.environment['AWS_ENDPOINT_URL']}/nobody/listens",
        "TOKEN_AUDIENCE": AUDIENCE,
    }
    wired = project.service.wired(project.service.settings.read(addresses, name))
    try:
        wired.prepare_database()
        yield wired
        wired.database.client.drop_database(name)
    finally:
        wired.close()


@pytest.fixture
def clock() -> AdvanceableClock:
    """The clock of the service, which a test can move by hand."""
    return AdvanceableClock()


@pytest.fixture
def service(
    project: Project,
    environment: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    clock: AdvanceableClock,
    _databases: Databases,
    _topologies: Topologies,
) -> Iterator[Container[Any]]:
    """A prepared service on real servers; it is the process's own while the test runs."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    declared = project.service
    monkeypatch.setattr(declared, "clock", clock)
    declared.forget()
    wired = declared.container()
    try:
        _databases.prepare(wired)
        _topologies.prepare(wired)
        yield wired
        _databases.give_back(wired)
        _topologies.give_back(wired)
    finally:
        wired.close()
        declared.forget()


@pytest.fixture
def api(project: Project, service: Container[Any]) -> Iterator["Client"]:
    """The app in app.py, called as Lambda calls it."""
    from chalice.test import Client  # noqa: PLC0415 - it brings Chalice's command line

    del service  # it sets the environment of the functions
    with Client(project.app, stage_name="local", project_dir=str(project.root)) as client:
        yield client


@pytest.fixture
def timers(project: Project, service: Container[Any], clock: AdvanceableClock) -> Timers:
    """The timers of the service: a test lets time pass, and has them called."""
    del service  # it sets the environment of the functions
    return Timers(project.functions, clock)


@pytest.fixture(scope="session")
def description(project: Project) -> Description:
    """The description of the API."""
    return Description.of(project.functions)


@pytest.fixture
def caller(project: Project) -> Mapping[str, str]:
    """The headers of the default caller, who has every scope."""
    return SignedIn("somebody", " ".join(sorted(project.service.scopes)))


@pytest.fixture
def http(api: "Client", description: Description, caller: Mapping[str, str]) -> Api:
    """Calls the routes, and validates every answer against the API's description."""
    return Api(api, description, caller)


@pytest.fixture
def taking_turns() -> Iterator[None]:
    """Switch threads at every line of the memory repositories, to expose races."""

    def yield_to_other_threads(
        frame: FrameType, _event: str, _argument: object
    ) -> TraceFunction | None:
        if not frame.f_code.co_filename.startswith(MEMORY):
            return None
        time.sleep(0)  # releases the interpreter's lock
        return yield_to_other_threads

    previous = threading.gettrace()
    threading.settrace(yield_to_other_threads)
    yield
    threading.settrace(previous)
