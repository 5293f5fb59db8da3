"""A rehearsal: the packaged functions of a service, called as AWS calls them.

Each step fails with a sentence; what a function answers is not enough, its effect is looked for.
A service brings its own story in `local/rehearsal.py`, as `REHEARSAL`: a class derived from this
one. Without it, the example of `example_rehearsal` is played.
"""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from carafe.development.event_sources import QueueTrigger
from carafe.development.inbox_pump import InboxPump
from carafe.development.project import Project
from carafe.development.pump import QueuePump, scheduled_event
from carafe.infrastructure.event_bus.names import inbox
from carafe.infrastructure.identifiers import new_id

from .environment import Environment, Function, TimedOut
from .errors import RehearsalFailed
from .events import token
from .other_services import OtherServices
from .scenery import Scenery
from .stopwatch import COLD, THAWED, WARM, Stopwatch

API, AUTHORIZE = "app", "authorize"
QUICK_TIMEOUT_SECONDS = 2.0
# Longer than the sweep leaves events to their nudges.
EVENT_SECONDS = 30.0
SWEEP_PAUSE_SECONDS = 0.5


class Rehearsal:
    """Plays AWS around the packaged functions; `with` ends their processes.

    Args:
        project: the service.
        functions: by their names in app.py.
        scenery: what stands around them.
        queues: which of them queues trigger.
        package: folder with the unpacked package.
        runtime: folder with what Lambda supplies.
        logs: folder for what the functions write.
        options: for the functions' Python.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is a part of the stage
        self,
        project: Project,
        functions: Mapping[str, Function],
        scenery: Scenery,
        queues: list[QueueTrigger],
        package: Path,
        runtime: Path,
        logs: Path,
        options: Sequence[str] = (),
    ) -> None:
        self.project = project
        self.stopwatch = Stopwatch()
        self.environments = {
            name: Environment(function, package, runtime, logs / f"{name}.log", options)
            for name, function in functions.items()
        }
        self.scenery = scenery
        self.bus = OtherServices(scenery.service, scenery.broker_url)
        self._queues = queues
        self._kinds = dict.fromkeys(functions, COLD)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for environment in self.environments.values():
            environment.end()
        self.bus.close()

    # The story, which each service has its own of

    def play(self) -> None:
        """Call every function once, and look for its effect.

        Raises:
            RehearsalFailed: it has none.
        """
        raise NotImplementedError

    def creation(self, key: str) -> dict[str, Any]:
        """Return the event of a request that makes an aggregate.

        Args:
            key: its Idempotency-Key; with the same, the request is the same.
        """
        raise NotImplementedError

    # What stories are made of

    def refuse_a_token(self) -> None:
        """Ask the authorizer about a token that is none."""
        answer = self.invoke(AUTHORIZE, token("not.a.token"))
        effects = {each["Effect"] for each in answer["policyDocument"]["Statement"]}
        require(effects == {"Deny"}, f"{AUTHORIZE} does not refuse a token that is none")

    def create(self, key: str) -> str:
        """Make an aggregate through the API, and return its id."""
        return str(self.call(self.creation(key), 201)["id"])

    def bridge(self, identifier: str, types: list[str]) -> None:
        """Let the nudges reach the bridge, and the events of an aggregate the bus."""
        self.pump("bridge")
        events = [each["type"] for each in self.bus.received()[identifier]]
        require(events == types, f"the events on the bus are {events} and not {types}")

    def consume(self, wire_type: str, **data: str) -> None:
        """Let an event of another service reach this one."""
        self.bus.publish(wire_type, **data)
        InboxPump(
            self.scenery.broker_url,
            inbox(self.scenery.service.settings.service_name),
            lambda event, _context: self.invoke("consume", event),
            "consume",
        ).step()

    def execute(self, command: str, subject: str, **data: str) -> None:
        """Let a queued command reach the service."""
        message = {"id": new_id(), "command": command, "subject": subject, "data": data}
        url = self.scenery.queue_urls[self._queue_of("execute").queue]
        self.scenery.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(message))
        self.pump("execute")

    def sweep(self) -> None:
        """Let the clock call the sweep."""
        answer = self.invoke("sweep", scheduled_event("sweep"))
        require("relayed" in answer, "sweep does not tell what it relayed")

    def kill_on_timeout(self) -> None:
        """Let a request run out of time, kill its environment, and ask again: one aggregate."""
        before, old, key = self._count(), self.environments[API].pid, new_id()
        self.scenery.fronts.hold(self.scenery.mongo_port)
        try:
            self.environments[API].invoke(self.creation(key), QUICK_TIMEOUT_SECONDS)
        except TimedOut:
            pass
        else:
            raise RehearsalFailed("a request was answered although the database was silent")
        finally:
            self.scenery.fronts.release(self.scenery.mongo_port)
        self._kinds[API] = COLD
        made = self.create(key)
        require(self.environments[API].pid != old, "the environment that took too long lives on")
        require(
            self._count() == before + 1 and self.create(key) == made,
            "a request that was killed and repeated did not take effect exactly once",
        )

    def freeze_and_thaw(self, seconds: float) -> None:
        """Freeze every environment between two invocations."""
        for environment in self.environments.values():
            environment.freeze()
        time.sleep(seconds)
        for name, environment in self.environments.items():
            environment.thaw()
            self._kinds[name] = THAWED

    @property
    def processes(self) -> dict[str, int | None]:
        """The process of each function."""
        return {name: each.pid for name, each in self.environments.items()}

    def require_same(self, processes: dict[str, int | None]) -> None:
        """Require that no environment was replaced."""
        require(self.processes == processes, "an environment did not outlive its freeze")

    def reconcile(self) -> int:
        """Relay what is left, and hold the bus against the database; return how many events."""
        deadline = time.monotonic() + EVENT_SECONDS
        waiting = {"pending_since": {"$exists": True}}
        while self._count(waiting) and time.monotonic() < deadline:
            self.pump("bridge")
            # What was committed by a process that was killed before its nudge has no other way.
            self.sweep()
            time.sleep(SWEEP_PAUSE_SECONDS)
        events = self.bus.received()
        for collection in self._collections():
            for document in collection.find():
                sequences = [int(each["sequence"]) for each in events[document["_id"]]]
                expected = list(range(1, document["sequence"] + 1))
                require(
                    sequences == expected,
                    f"events {sequences} of one of {collection.name} are on the bus, "
                    f"and {expected} are committed",
                )
        return sum(map(len, events.values()))

    def call(self, event: dict[str, Any], status: int) -> Any:  # noqa: ANN401 - JSON
        """Send a request to the API, and return its answer's body."""
        answer = self.invoke(API, event)
        what = f"{event['httpMethod']} {event['resource']} answered {answer['statusCode']}"
        require(answer["statusCode"] == status, f"{what}: {answer['body']}")
        return json.loads(answer["body"])

    def invoke(self, function: str, event: object) -> Any:  # noqa: ANN401 - JSON
        """Invoke a function, by its name in app.py."""
        kind, self._kinds[function] = self._kinds[function], WARM
        with self.stopwatch.timing(function, kind):
            return self.environments[function].invoke(event)

    def pump(self, function: str) -> None:
        """Feed a function from its queue until nothing is left there for now."""
        trigger = self._queue_of(function)
        url = self.scenery.queue_urls[trigger.queue]
        pump = QueuePump(
            self.scenery.sqs, url, trigger, lambda event, _context: self.invoke(function, event)
        )
        while pump.step(wait_seconds=0):
            pass

    def _queue_of(self, function: str) -> QueueTrigger:
        return next(each for each in self._queues if each.function == function)

    def _collections(self) -> list[Any]:
        return [each.collection for each in self.scenery.service.repositories]

    def _count(self, query: Mapping[str, Any] | None = None) -> int:
        return sum(each.count_documents(query or {}) for each in self._collections())


def require(condition: bool, otherwise: str) -> None:  # noqa: FBT001 - a condition is what it takes
    """Go on if a condition holds.

    Raises:
        RehearsalFailed: it does not.
    """
    if not condition:
        raise RehearsalFailed(otherwise)
