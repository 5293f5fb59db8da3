"""Lambda: function instances that are reused while they live, and invoked with AWS's own events."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chalice.app import CloudWatchEvent, SQSEvent

from carafe.api.functions import Functions
from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import Caller, CommandContext
from carafe.development.lambda_events import BrokerMessage, amazon_mq_event
from carafe.infrastructure.cqrs.invocation import Invocation
from carafe.infrastructure.identifiers import command_id, digest_of, new_id

from .broker import BusMessage
from .contracts import SCOPE, Act
from .loop import Machine, Task
from .network import Network
from .queues import QueueMessage
from .services import MAKERS, SimulatedService

TIMEOUT_SECONDS = 30
SUBJECT = "reader"

Answer = Callable[[Any, Exception | None], None]
"""Called once: with a result, or with an error if the invocation failed, or ended without one."""


class Ended(Exception):
    """The function was killed, or took too long."""


@dataclass(eq=False)
class Instance:
    """A function on its machine."""

    machine: Machine
    functions: Functions


class LambdaContext:
    """The part of Lambda's context that functions use.

    Args:
        now: tells the time.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._deadline = now() + TIMEOUT_SECONDS

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left."""
        return max(0, int((self._deadline - self._now()) * 1000))


class Lambda:
    """Invokes the functions of the services.

    Args:
        services: by name.
        network: which they are on.
    """

    def __init__(self, services: Mapping[str, SimulatedService], network: Network) -> None:
        self._services = services
        self._network = network
        self._idle: dict[str, list[Instance]] = {}
        self._counts: dict[str, int] = {}

    def act(self, command: Act, key: str, answer: Answer) -> None:
        """Let the API handle a command, as an HTTP request with an idempotency key would."""

        def work(functions: Functions) -> CommandResult:
            context = CommandContext(
                command_id=command_id(SUBJECT, key),
                digest=digest_of(command.wire_name, command),
                caller=Caller(SUBJECT, frozenset({SCOPE})),
                correlation_id=new_id(),
            )
            result: CommandResult = functions.mediator.handle(Invocation.of(command, context))
            return result

        self._invoke("library", "api", work, answer)

    def bridge(
        self, service: str, batch: Sequence[QueueMessage], settle: Callable[[list[str]], None]
    ) -> None:
        """Relay what nudges name."""
        event = _sqs_event(f"{service}-nudges", batch)
        self._invoke(
            service,
            "bridge",
            lambda functions: functions.relay_nudged(SQSEvent(event, self._context())),
            _partially(batch, settle),
        )

    def execute(
        self, service: str, batch: Sequence[QueueMessage], settle: Callable[[list[str]], None]
    ) -> None:
        """Execute queued commands, and call timers."""
        event = _sqs_event(f"{service}-commands", batch)
        self._invoke(
            service,
            "execute",
            lambda functions: functions.execute_queued(SQSEvent(event, self._context())),
            _partially(batch, settle),
        )

    def sweep(self, service: str, answer: Answer) -> None:
        """Sweep."""
        event = {"version": "0", "id": "simulated", "detail": {}, "time": "", "resources": []}
        more = {"account": "0", "region": "simulated", "detail-type": "", "source": "aws.events"}
        self._invoke(
            service,
            "sweep",
            lambda each: each.sweep_overdue(CloudWatchEvent(event | more, self._context())),
            answer,
        )

    def consume(
        self, queue: str, batch: Sequence[BusMessage], settle: Callable[[bool], None]
    ) -> None:
        """Consume messages of an inbox."""
        messages = [
            BrokerMessage(each.body, each.properties, each.is_redelivered) for each in batch
        ]
        event = amazon_mq_event(queue, "/", messages)
        self._invoke(
            queue.partition(".")[0],
            "consume",
            lambda functions: functions.consume_events(event, self._context()),
            lambda _, error: settle(error is None),
        )

    def _invoke(
        self, service: str, function: str, work: Callable[[Functions], Any], answer: Answer
    ) -> None:
        """Invoke a function; a killed or frozen one is given up after its time."""
        kind = f"{service}'s {function}"
        instance = self._instance(service, kind)
        is_open = True

        def close(result: Any, error: Exception | None) -> None:  # noqa: ANN401 - any function's
            nonlocal is_open
            if is_open:
                is_open = False
                answer(result, error)

        def ended(result: Any, error: Exception | None) -> None:  # noqa: ANN401 - the same
            if not isinstance(error, Ended):
                self._idle.setdefault(kind, []).append(instance)
            if error is not None:
                self._network.tell(f"fails: {type(error).__name__}", instance.machine.name)
            close(result, error)

        loop = self._network.loop
        loop.start(Task(instance.machine, lambda: work(instance.functions), ended))
        loop.call_later(TIMEOUT_SECONDS + 5, lambda: close(None, Ended()))

    def _instance(self, service: str, kind: str) -> Instance:
        if idle := self._idle.get(kind):
            return idle.pop()
        number = self._counts[kind] = self._counts.get(kind, 0) + 1
        machine = Machine(f"{kind} {number}")
        if fault := self._network.fault("machine"):
            machine.skew = 300 * fault.size * (1 if fault.kind == "fast" else -1)
            self._network.tell(f"has a clock {machine.skew:+.0f} s off", machine.name)
        own = copy.copy(self._services[service])
        own.forget()
        return Instance(machine, Functions(own, (), MAKERS[service]))

    def _context(self) -> Any:  # noqa: ANN401 - Chalice says it is a dict
        return LambdaContext(lambda: self._network.loop.now)


def _sqs_event(queue: str, batch: Sequence[QueueMessage]) -> dict[str, Any]:
    arn = f"arn:aws:sqs:simulated:0:{queue}"
    return {"Records": [_record(arn, each) for each in batch]}


def _record(arn: str, message: QueueMessage) -> dict[str, Any]:
    return {
        "messageId": message.id,
        "receiptHandle": message.id,
        "body": message.body,
        "eventSourceARN": arn,
        "messageAttributes": {
            name: {"stringValue": each["StringValue"], "dataType": each["DataType"]}
            for name, each in message.attributes.items()
        },
    }


def _partially(batch: Sequence[QueueMessage], settle: Callable[[list[str]], None]) -> Answer:
    """Settle a batch as SQS's partial batch response says; all come again after an error."""

    def answer(result: Any, error: Exception | None) -> None:  # noqa: ANN401 - the function's answer
        if error is not None:
            settle([each.id for each in batch])
        else:
            settle([each["itemIdentifier"] for each in result["batchItemFailures"]])

    return answer
