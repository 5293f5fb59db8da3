"""The service on one page: are events relayed, messages handled, timers called; what is stuck."""

import json
from collections.abc import Sequence

from chalice.app import Chalice

from carafe.development.cloudformation import Resources
from carafe.development.deployment.stages import Stage
from carafe.development.event_sources import queue_triggers
from carafe.infrastructure.cqrs.sqs_command_queue import dead_letters

from . import metrics
from .metrics import Metric
from .naming import function_name, handlers

WIDTH, HEIGHT, COLUMNS = 8, 6, 3


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return the dashboard."""
    charts = [
        _chart(position, title, lines)
        for position, (title, lines) in enumerate(_charts(app, stage).items())
    ]
    return {
        "Dashboard": {
            "Type": "AWS::CloudWatch::Dashboard",
            "Properties": {
                "DashboardName": stage.stack,
                "DashboardBody": {"Fn::Sub": json.dumps({"widgets": charts})},
            },
        }
    }


def _charts(app: Chalice, stage: Stage) -> dict[str, Sequence[Metric]]:
    functions = [function_name(each, stage) for each in handlers(app)]
    queues = [stage.queue(each.queue) for each in queue_triggers(app)]
    dead = [dead_letters(each) for each in queues]
    depth = "ApproximateNumberOfMessagesVisible"
    return {
        "Age of the oldest pending event, seconds": [
            metrics.own("pending_age_seconds", stage, "Maximum")
        ],
        "Events out": [
            metrics.own(name, stage) for name in ("relayed", "unfinished", "returned", "parked")
        ],
        "Messages in": [
            metrics.own(name, stage)
            for name in ("handled", "retried", "postponed", "executed", "held_back")
        ],
        "Age of the oldest timer that is due, seconds": [
            metrics.own("timer_overdue_seconds", stage, "Maximum")
        ],
        "Timers": [
            *(
                metrics.own(name, stage)
                for name in ("timers_nudged", "timers_called", "timers_failed")
            ),
            metrics.own("timers_parked", stage, "Maximum"),
        ],
        **_processes(stage),
        "Requests": [metrics.of_api(name, stage) for name in ("Count", "4XXError", "5XXError")],
        "Answers, milliseconds": [
            metrics.of_api("Latency", stage, each) for each in ("p50", "p99")
        ],
        "Functions, milliseconds (p99)": [
            metrics.of_function("Duration", each, "p99") for each in functions
        ],
        "Errors": [metrics.of_function("Errors", each) for each in functions],
        "Throttles": [metrics.of_function("Throttles", each) for each in functions],
        "Environments": [
            metrics.of_function("ConcurrentExecutions", each, "Maximum") for each in functions
        ],
        "Queues": [metrics.of_queue(depth, each) for each in queues],
        "Dead letters": [metrics.of_queue(depth, each) for each in dead],
        "Broker's queues": [
            metrics.own(name, stage, "Maximum")
            for name in ("inbox_messages", "inbox_parked", "unrouted_messages")
        ],
        "Consumers of the inbox": [metrics.own("inbox_consumers", stage, "Minimum")],
    }


def _processes(stage: Stage) -> dict[str, Sequence[Metric]]:
    if not stage.has_processes:
        return {}
    return {"Processes that are stuck": [metrics.own("processes_stuck", stage, "Maximum")]}


def _chart(position: int, title: str, lines: Sequence[Metric]) -> Resources:
    row, column = divmod(position, COLUMNS)
    return {
        "type": "metric",
        "x": column * WIDTH,
        "y": row * HEIGHT,
        "width": WIDTH,
        "height": HEIGHT,
        "properties": {
            "title": title,
            "region": "${AWS::Region}",
            "period": metrics.PERIOD_SECONDS,
            "metrics": [line.widget_row() for line in lines],
        },
    }
