"""Real servers for every test that asks for them, and a service of its own for each."""

import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from chalice.test import Client
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from chalicelib.infrastructure import bootstrap
from chalicelib.infrastructure.bootstrap import Container
from tests.support.sqs import Sqs
from tests.support.tokens import AUDIENCE
from workflow.event_sources import QueueTrigger
from workflow.queues import sqs_client
from workflow.servers.stack import Stack

ROOT = Path(__file__).parents[1]


class ByFile(LoadScopeScheduling):
    """Spreads tests over processes: by file, or by folder where they share ports or packages."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        folder = "/".join(path.split("/")[:2])
        return folder if folder in {"tests/deployment", "tests/end_to_end"} else path


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    """Let xdist spread the tests as suits them."""
    return ByFile(config, log)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Every server of the local stack, started for this test run alone.

    A test that runs tests of its own lends them its servers, in TEST_SERVERS.
    """
    folder = tmp_path_factory.mktemp("stack")
    lent: Mapping[str, str] = json.loads(os.environ.get("TEST_SERVERS", "{}"))
    with Stack(folder, lent, preferred_ports=False, test_commands=True) as started:
        yield started


@pytest.fixture(scope="session")
def sqs(stack: Stack) -> Sqs:
    """SQS, as the local stack plays it."""
    return Sqs(sqs_client(stack.environment["AWS_ENDPOINT_URL"]))


@pytest.fixture
def nudges(sqs: Sqs) -> QueueTrigger:
    """A queue for nudges, with its dead-letter queue, that no other test uses."""
    trigger = QueueTrigger("bridge", f"nudges-{secrets.token_hex(4)}", 10, 0)
    sqs.declare(trigger)
    return trigger


@pytest.fixture
def environment(stack: Stack, sqs: Sqs, nudges: QueueTrigger) -> Mapping[str, str]:
    """The environment of a service that shares nothing with other tests."""
    name = f"test-{secrets.token_hex(4)}"
    return {
        **stack.environment,
        "SERVICE_NAME": name,
        "MONGO_DATABASE": name,
        "EVENT_BUS_TYPE": "rabbitmq",
        "NUDGE_QUEUE_URL": sqs.url(nudges.queue),
        "SWEEP_GRACE_SECONDS": "0",
        "TOKEN_AUDIENCE": AUDIENCE,
    }


@pytest.fixture
def service(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Container]:
    """A wired service, prepared, on real servers; the process's own while the test runs."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    bootstrap.container.cache_clear()
    wired = bootstrap.container()
    wired.prepare_database()
    wired.prepare_bus()
    yield wired
    wired.database.client.drop_database(wired.database.name)
    wired.database.client.close()
    wired.bus.close()
    bootstrap.container.cache_clear()


@pytest.fixture
def api(service: Container) -> Iterator[Client]:
    """The function set of app.py, called as Lambda calls it."""
    del service
    from app import app  # noqa: PLC0415 - after the environment is set

    with Client(app, stage_name="local", project_dir=str(ROOT)) as client:
        yield client
