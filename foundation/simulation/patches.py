"""What stands for time, chance and servers while the simulation runs."""

import functools
import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from types import TracebackType
from typing import Any, Self

from carafe.api import lambda_events, sweeping
from carafe.infrastructure import identifiers, service
from carafe.infrastructure.aws import services as aws_services
from carafe.infrastructure.cqrs import inbox, queued_commands, timer_calls
from carafe.infrastructure.database import retries
from carafe.infrastructure.database.mongo import connection
from carafe.infrastructure.event_bus import connections, publisher, rabbitmq
from carafe.infrastructure.outbox import own_commands, relay
from carafe.infrastructure.timers import sweep

from .broker import Broker, SimulatedPublisher
from .collection import Database
from .loop import Loop, Task
from .measuring import MeasuringConnection
from .queues import Sqs
from .store import ReplicaSet

BEGINNING = 1_800_000_000
SWEPT_AT_ONCE = 2
"""Documents in a batch of the sweep, so that there are several."""


class SimulatedTime:
    """Stands for the module `time` in the package.

    Args:
        loop: whose time it is.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def time(self) -> float:
        """Return the time on the clock of the machine that asks."""
        task = self._loop.current
        return BEGINNING + self._loop.now + (task.machine.skew if task else 0)

    def time_ns(self) -> int:
        """Return the same in nanoseconds."""
        return int(self.time() * 1e9)

    def monotonic(self) -> float:
        """Return seconds since the beginning."""
        return self._loop.now

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._loop.pause(seconds)

    perf_counter = monotonic


class Randomness:
    """Stands for `os` and `random`, where ids and pauses come from."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"{seed} ids")  # noqa: S311 - a simulation
        self.uniform = self._random.uniform

    def urandom(self, count: int) -> bytes:
        """Return bytes that follow from the seed."""
        return self._random.randbytes(count)


class SimulatedExecutor:
    """Stands for `ThreadPoolExecutor`: its threads are tasks of the same machine.

    Args:
        loop: runs them.
    """

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._tasks: list[Task] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Wait for all threads."""
        for task in self._tasks:
            self._wait_for(task)

    def submit(self, work: Callable[..., Any], *arguments: Any) -> "_Future":  # noqa: ANN401 - as it is
        """Start a thread."""
        current = self._loop.current
        assert current is not None, "only functions have threads"  # noqa: S101 - a simulation
        task = self._loop.start(Task(current.machine, lambda: work(*arguments)))
        self._tasks.append(task)
        return _Future(lambda: self._wait_for(task))

    def _wait_for(self, task: Task) -> Task:
        self._loop.wait_for(task)
        return task


class _Future:
    def __init__(self, wait: Callable[[], Task]) -> None:
        self._wait = wait

    def result(self) -> Any:  # noqa: ANN401 - whatever the work returns
        """Wait for the result."""
        task = self._wait()
        if task.error is not None:
            raise task.error
        return task.result


class _Client(dict[str, Database]):
    def close(self) -> None:
        """Nothing to close."""


@contextmanager
def simulated(
    seed: int, loop: Loop, stores: Mapping[str, ReplicaSet], broker: Broker, sqs: Sqs
) -> Iterator[None]:
    """Let the package's code run on simulated time, chance and servers.

    Args:
        seed: of what would be random.
        loop: has the time.
        stores: by name of the service.
        broker: of all services.
        sqs: of all services.
    """

    def client(uri: str, **options: Any) -> _Client:  # noqa: ANN401 - pymongo's
        name = uri.partition("//")[2].partition("/")[0]
        return _Client({name: Database(name, stores[name], options)})

    randomness, clock = Randomness(seed), SimulatedTime(loop)
    SimulatedPublisher.broker = broker
    stand_ins: list[tuple[Any, str, Any]] = [
        (connection, "MongoClient", client),
        (rabbitmq, "Publisher", SimulatedPublisher),
        (rabbitmq, "connect", lambda _: nullcontext(MeasuringConnection(broker))),
        (relay, "ThreadPoolExecutor", lambda **_: SimulatedExecutor(loop)),
        (rabbitmq, "parameters_of", _PARAMETERS),
        (relay, "SWEEP_BATCH", SWEPT_AT_ONCE),
        (identifiers, "os", randomness),
        (retries, "random", randomness),
        (aws_services, "Sqs", lambda _: sqs),
        *((module, "time", clock) for module in _TIMED),
    ]
    originals = [(owner, name, getattr(owner, name)) for owner, name, _ in stand_ins]
    for owner, name, stand_in in stand_ins:
        setattr(owner, name, stand_in)
    try:
        yield
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


_PARAMETERS = functools.cache(connections.parameters_of)
"""The parameters of a connection, which cost as much as all else of a new function."""

_TIMED = (
    *(identifiers, retries, inbox, queued_commands, timer_calls, service),
    *(rabbitmq, publisher, relay, own_commands, sweep, sweeping, lambda_events),
)
