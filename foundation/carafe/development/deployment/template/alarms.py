"""The alarms for an operator; `carafe page operations` says what to do about each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalice.app import Chalice

from carafe.development import cloudformation
from carafe.development.cloudformation import ALARM_TOPIC, Resources
from carafe.development.deployment.stages import Stage
from carafe.development.event_sources import inbox_triggers, queue_triggers, schedule_triggers
from carafe.infrastructure.cqrs.sqs_command_queue import dead_letters

from . import metrics
from .metrics import Metric
from .naming import function_name, handlers, resource_of

OLDEST_EVENT_SECONDS = 300
OLDEST_TIMER_SECONDS = 300
OLDEST_MESSAGE_SECONDS = 900
SLOW_ANSWER_MS = 3_000
INBOX_MESSAGES = 1_000


@dataclass(frozen=True)
class Alarm:
    """A threshold that a metric should not exceed, or not fall below.

    Attributes:
        name: its name in the template.
        about: one sentence for the operator.
        metric: the metric.
        above: the threshold.
        below: the threshold, if the metric should not fall below it.
        periods: the number of consecutive minutes beyond it.
        silence: how missing data counts.
    """

    name: str
    about: str
    metric: Metric
    above: float = 0
    below: float | None = None
    periods: int = 1
    silence: str = "notBreaching"


def alarms(app: Chalice, stage: Stage) -> Iterator[Alarm]:
    """Yield the alarms of the service."""
    yield from _of_events(app, stage)
    yield from _of_timers(app, stage)
    yield from _of_processes(stage)
    yield from _of_queues(app, stage)
    for function in handlers(app):
        yield from _of_function(resource_of(function), function_name(function, stage))
    if app.routes:
        yield Alarm(
            "ApiFails",
            "Requests are answered with 5xx.",
            metrics.of_api("5XXError", stage),
            above=5,
            periods=3,
        )
        slow = metrics.of_api("Latency", stage, "p99")
        yield Alarm("ApiSlow", "One request in a hundred is slow.", slow, SLOW_ANSWER_MS, periods=5)
    yield from _of_inbox(app, stage)


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return the alarms, and the topic that they notify."""
    by_name: Resources = {each.name: _alarm(each, stage) for each in alarms(app, stage)}
    return by_name | ALARM_TOPIC


def _of_events(app: Chalice, stage: Stage) -> Iterator[Alarm]:
    if schedule_triggers(app):
        yield Alarm(
            "EventsWaitLong",
            "Committed events do not reach the broker, or the sweep does not run.",
            metrics.own("pending_age_seconds", stage, "Maximum"),
            above=OLDEST_EVENT_SECONDS,
            periods=3,
            silence="breaching",
        )
    yield Alarm(
        "SomethingParked",
        "An event or a message was set aside for a person.",
        metrics.own("parked", stage),
    )
    yield Alarm(
        "EventsReturned",
        "The broker returned events: no queue accepted them, not even that of unrouted ones.",
        metrics.own("returned", stage),
    )


def _of_timers(app: Chalice, stage: Stage) -> Iterator[Alarm]:
    if schedule_triggers(app):
        yield Alarm(
            "TimersOverdue",
            "Timers that are due are not called, or the sweep does not run.",
            metrics.own("timer_overdue_seconds", stage, "Maximum"),
            above=OLDEST_TIMER_SECONDS,
            periods=3,
            silence="breaching",
        )
    yield Alarm(
        "TimersParked",
        "Timers failed each time and are called no longer.",
        metrics.own("timers_parked", stage, "Maximum"),
    )


def _of_processes(stage: Stage) -> Iterator[Alarm]:
    if stage.has_processes:
        yield Alarm(
            "ProcessesStuck",
            "Processes cannot undo what they did, and wait for a person.",
            metrics.own("processes_stuck", stage, "Maximum"),
        )


def _of_queues(app: Chalice, stage: Stage) -> Iterator[Alarm]:
    for trigger in queue_triggers(app):
        name, queue = resource_of(trigger.function), stage.queue(trigger.queue)
        dead = dead_letters(queue)
        yield Alarm(
            f"{name}DeadLetters",
            f"There are messages in {dead}.",
            metrics.of_queue("ApproximateNumberOfMessagesVisible", dead),
        )
        yield Alarm(
            f"{name}QueueOld",
            f"Messages in {queue} wait long.",
            metrics.of_queue("ApproximateAgeOfOldestMessage", queue),
            above=OLDEST_MESSAGE_SECONDS,
        )


def _of_function(name: str, function: str) -> Iterator[Alarm]:
    errors = metrics.of_function("Errors", function)
    throttles = metrics.of_function("Throttles", function)
    yield Alarm(f"{name}Fails", f"{function} fails.", errors, above=2, periods=3)
    yield Alarm(f"{name}Throttled", f"{function} is throttled.", throttles, periods=3)


def _of_inbox(app: Chalice, stage: Stage) -> Iterator[Alarm]:
    """Yield the alarms of the broker's queues, which the sweep measures.

    Amazon MQ has no metrics of single queues from RabbitMQ 4 on.
    """
    if not schedule_triggers(app):
        return
    unmeasured: Any = {"periods": 3, "silence": "breaching"}
    yield Alarm(
        "InboxDeep",
        "Messages of other services wait to be handled, or nobody measures them.",
        metrics.own("inbox_messages", stage, "Maximum"),
        above=INBOX_MESSAGES,
        **unmeasured,
    )
    yield Alarm(
        "InboxParked",
        "There are messages of other services in the parking queue, or nobody measures it.",
        metrics.own("inbox_parked", stage, "Maximum"),
        **unmeasured,
    )
    yield Alarm(
        "EventsUnrouted",
        "Messages without a queue are in that of the alternate exchange, or nobody measures it.",
        metrics.own("unrouted_messages", stage, "Maximum"),
        **unmeasured,
    )
    if inbox_triggers(app):
        yield Alarm(
            "InboxUnattended",
            "Nobody takes messages from the inbox: the mapping of consume is off or stopped.",
            metrics.own("inbox_consumers", stage, "Minimum"),
            below=1,
            **unmeasured,
        )


def _alarm(alarm: Alarm, stage: Stage) -> Resources:
    properties = {
        **alarm.metric.alarm_properties(),
        "Period": metrics.PERIOD_SECONDS,
        "EvaluationPeriods": alarm.periods,
        **_threshold(alarm),
        "TreatMissingData": alarm.silence,
    }
    return cloudformation.alarm(f"{stage.stack}-{alarm.name}", alarm.name, alarm.about, properties)


def _threshold(alarm: Alarm) -> Resources:
    if alarm.below is not None:
        return {"Threshold": alarm.below, "ComparisonOperator": "LessThanThreshold"}
    return {"Threshold": alarm.above, "ComparisonOperator": "GreaterThanThreshold"}
