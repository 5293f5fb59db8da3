"""The present code on the documents and messages of each version that is kept."""

from collections.abc import Iterator, Mapping

import pytest

from carafe.development.event_sources import QueueTrigger
from carafe.testing.clock import StoppedClock
from carafe.testing.examples import NOON
from carafe.testing.inbound import Broker
from carafe.testing.sqs import Sqs
from tests.support.golden.service import library_on
from tests.support.golden.versions import Golden, versions
from tests.support.golden.world import Library


@pytest.fixture(params=versions(), ids=str)
def golden(request: pytest.FixtureRequest) -> Golden:
    """A version whose forms are kept."""
    version: Golden = request.param
    return version


@pytest.fixture
def library(
    golden: Golden,
    environment: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
    sqs: Sqs,
    command_queue: QueueTrigger,
) -> Iterator[Library]:
    """The present code on that version's documents, each of which its validators accept."""
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    clock = StoppedClock(NOON)
    with library_on(environment, clock) as (container, functions):
        for name in ("loans", "remindings"):
            container.database[name].insert_many(golden.documents(name))
        yield Library(container, functions, clock, Broker(container), sqs, command_queue)
