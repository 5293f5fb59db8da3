"""The triggers of the functions, read from the app."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalice.app import Chalice, ScheduledEventConfig, SQSEventConfig

Function = Callable[[dict[str, Any], Any], Any]

MIGRATE = "migrate"
"""The function that runs operators' commands; nothing triggers it but them."""

_SECONDS = {"minute": 60, "hour": 3_600, "day": 86_400}


@dataclass(frozen=True)
class QueueTrigger:
    """A queue that triggers a function.

    Attributes:
        function: the function's name in app.py.
        queue: the queue's name.
        batch_size: the largest number of messages in one invocation.
        window_seconds: the time in which a batch is collected.
    """

    function: str
    queue: str
    batch_size: int
    window_seconds: int


@dataclass(frozen=True)
class InboxTrigger:
    """The service's inbox on RabbitMQ, which triggers a function.

    Attributes:
        function: the function's name in app.py.
    """

    function: str


@dataclass(frozen=True)
class ScheduleTrigger:
    """A schedule that triggers a function.

    Attributes:
        function: the function's name in app.py.
        every_seconds: the period; a day for a `cron(...)`, which no clock follows here.
    """

    function: str
    every_seconds: int


def queue_triggers(app: Chalice) -> list[QueueTrigger]:
    """Return the queues that trigger functions of the app."""
    return [
        QueueTrigger(
            function=source.name,
            queue=source.queue or (source.queue_arn or "").rpartition(":")[2],
            batch_size=source.batch_size,
            window_seconds=source.maximum_batching_window_in_seconds,
        )
        for source in app.event_sources
        if isinstance(source, SQSEventConfig)
    ]


def inbox_triggers(app: Chalice) -> list[InboxTrigger]:
    """Return the functions without a trigger in Chalice: Amazon MQ triggers all but `migrate`."""
    names = [str(each.name) for each in app.pure_lambda_functions]
    return [InboxTrigger(each) for each in names if each != MIGRATE]


def schedule_triggers(app: Chalice) -> list[ScheduleTrigger]:
    """Return the schedules that trigger functions of the app."""
    return [
        ScheduleTrigger(source.name, _period_seconds(str(source.schedule_expression)))
        for source in app.event_sources
        if isinstance(source, ScheduledEventConfig)
    ]


def triggered_functions(app: Chalice) -> list[str]:
    """Return the names of the functions that a queue, a schedule or the inbox triggers."""
    queues = [each.function for each in queue_triggers(app)]
    schedules = [each.function for each in schedule_triggers(app)]
    return queues + schedules + [each.function for each in inbox_triggers(app)]


def _period_seconds(expression: str) -> int:
    if not expression.startswith("rate("):
        return _SECONDS["day"]
    number, unit = expression.removeprefix("rate(").removesuffix(")").split()
    return int(number) * _SECONDS[unit.rstrip("s")]
