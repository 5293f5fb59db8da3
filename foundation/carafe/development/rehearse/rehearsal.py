"""A rehearsal: the packaged functions of a service, called as AWS calls them.

Each step fails with a sentence. A function's answer does not suffice: its effect is checked. A
service brings its own scenario in `local/rehearsal.py`, as `REHEARSAL`: a class derived from
`Rehearsal`. Without it, `example_rehearsal` runs.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import Any, Self

from carafe.development.event_sources import QueueTrigger
from carafe.development.inbox_pump import InboxPump
from carafe.development.lambda_events import authorizer_event, schedule_event
from carafe.development.project import Project
from carafe.development.pump import QueuePump
from carafe.domain.timers import next_timer, timer_of
from carafe.infrastructure.event_bus.names import inbox_queue
from carafe.infrastructure.identifiers import new_id

from .backing_services import BackingServices
from .environment import TimedOut
from .errors import RehearsalFailed
from .other_services import OtherServices
from .packaged_functions import PackagedFunctions
from .preparation import prepare

API, AUTHORIZE = "app", "authorize"
SHORT_TIMEOUT_SECONDS = 2.0


class Rehearsal:
    """Plays AWS around the packaged functions; `with` ends their processes.

    Args:
        project: the service.
        functions: the packaged functions.
        backing: the servers that they use.
        queues: the queues that trigger functions.

    Attributes:
        bus: the other services on the bus.
    """

    def __init__(
        self,
        project: Project,
        functions: PackagedFunctions,
        backing: BackingServices,
        queues: list[QueueTrigger],
    ) -> None:
        self.project = project
        self.functions = functions
        self.backing = backing
        self.bus = OtherServices(backing.service.settings.service_name, backing.broker)
        self._queues = queues

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.functions.end()
        self.bus.close()

    # The scenario, which each service defines

    def play(self) -> None:
        """Call every function once, and check its effect.

        Raises:
            RehearsalFailed: it has none.
        """
        raise NotImplementedError

    def creation(self, key: str) -> dict[str, Any]:
        """Return the event of a request that creates an aggregate.

        Args:
            key: its Idempotency-Key; the same key makes the same request.
        """
        raise NotImplementedError

    # The steps of scenarios

    def refuse_a_token(self) -> None:
        """Require that the authorizer denies a malformed token."""
        answer = self.invoke(AUTHORIZE, authorizer_event("not.a.token"))
        effects = {each["Effect"] for each in answer["policyDocument"]["Statement"]}
        require(effects == {"Deny"}, f"{AUTHORIZE} does not deny a malformed token")

    def create(self, key: str) -> str:
        """Create an aggregate through the API, and return its id."""
        return str(self.call(self.creation(key), 201)["id"])

    def bridge(self, identifier: str, types: list[str]) -> None:
        """Feed the nudges to the bridge, and require an aggregate's events on the bus."""
        self.pump("bridge")
        events = [each["type"] for each in self.bus.received()[identifier]]
        require(events == types, f"the events on the bus are {events}, not {types}")

    def consume(self, wire_type: str, **data: str) -> None:
        """Publish an event of another service, and feed it to this one."""
        self.bus.publish(wire_type, **data)
        InboxPump(
            self.backing.broker_url,
            inbox_queue(self.backing.service.settings.service_name),
            lambda event, _context: self.invoke("consume", event),
            "consume",
        ).step()

    def execute(self, command: str, subject: str, **data: str) -> None:
        """Queue a command, and feed it to the service."""
        message = {
            "id": new_id(),
            "command": command,
            "subject": subject,
            "scopes": sorted(self.backing.service.service.scopes),
            "data": data,
        }
        url = self.backing.queue_urls[self._queue_of("execute").queue]
        self.backing.sqs.send_message(QueueUrl=url, MessageBody=json.dumps(message))
        self.pump("execute")

    def call_timer(self, collection: str, identifier: str) -> None:
        """Make the next timer of an aggregate due, and have it called.

        The sweep finds it, and nudges `execute`.
        """
        service = self.backing.service
        store, at = service.timer_stores[collection], service.clock()
        for document in store.with_timers([identifier]):
            timer = next_timer(document.timers)
            if timer is not None and store.replace(document, replace(timer, due=at), at):
                self.sweep()
                self.pump("execute")
                left = [each for found in store.with_timers([identifier]) for each in found.timers]
                require(timer_of(left, timer.id) is None, f"the timer {timer.id} was not called")
                return
        raise RehearsalFailed(f"there is no timer of {collection} {identifier} to be called")

    def sweep(self) -> None:
        """Call the sweep, as its schedule does."""
        answer = self.invoke("sweep", schedule_event("sweep"))
        require("relayed" in answer, "sweep does not report how many events it relayed")

    def kill_on_timeout(self) -> None:
        """Let a request time out and its environment be killed, then require one aggregate."""
        before, killed, key = self.count(), self.functions.processes()[API], new_id()
        self.backing.tls_proxies.hold(self.backing.mongo_port)
        try:
            self.functions.invoke_within(API, self.creation(key), SHORT_TIMEOUT_SECONDS)
        except TimedOut:
            pass
        else:
            raise RehearsalFailed("a request was answered although the database was silent")
        finally:
            self.backing.tls_proxies.release(self.backing.mongo_port)
        self.functions.mark_cold(API)
        identifier = self.create(key)
        replaced = self.functions.processes()[API] != killed
        require(replaced, "the environment that timed out was not replaced")
        require(
            self.count() == before + 1 and self.create(key) == identifier,
            "a request that was killed and repeated did not take effect exactly once",
        )

    def freeze_and_thaw(self, seconds: float) -> None:
        """Freeze every environment between two invocations, play again, and require the same."""
        processes = self.functions.processes()
        self.functions.freeze_and_thaw(seconds)
        prepare(self.functions, self.backing.service)
        self.play()
        survived = self.functions.processes() == processes
        require(survived, "an environment did not survive being frozen")

    def call(self, event: dict[str, Any], status: int) -> Any:  # noqa: ANN401 - JSON
        """Send a request to the API, and return the body of its answer.

        Raises:
            RehearsalFailed: the answer has another status.
        """
        answer = self.invoke(API, event)
        outcome = f"{event['httpMethod']} {event['resource']} answered {answer['statusCode']}"
        require(answer["statusCode"] == status, f"{outcome}: {answer['body']}")
        return json.loads(answer["body"])

    def invoke(self, function: str, event: object) -> Any:  # noqa: ANN401 - JSON
        """Invoke a function, by its name in app.py."""
        return self.functions.invoke(function, event)

    def pump(self, function: str) -> None:
        """Feed a function from its queue until the queue is empty for now."""
        trigger = self._queue_of(function)
        url = self.backing.queue_urls[trigger.queue]
        pump = QueuePump(
            self.backing.sqs, url, trigger, lambda event, _context: self.invoke(function, event)
        )
        while pump.step(wait_seconds=0):
            pass

    def count(self, query: Mapping[str, Any] | None = None) -> int:
        """Return how many documents match a query in all collections."""
        collections = [each.collection for each in self.backing.service.repositories]
        return sum(each.count_documents(query or {}) for each in collections)

    def _queue_of(self, function: str) -> QueueTrigger:
        return next(each for each in self._queues if each.function == function)


def require(condition: bool, otherwise: str) -> None:  # noqa: FBT001 - a condition is what it takes
    """Check a condition.

    Raises:
        RehearsalFailed: it is false; the message is `otherwise`.
    """
    if not condition:
        raise RehearsalFailed(otherwise)
