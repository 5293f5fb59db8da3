"""What an alarm or a chart reads, the functions report."""

import json
from datetime import timedelta
from typing import Any

import pytest
from chalice.test import Client

from carafe.development.deployment.stages import read_stage
from carafe.development.deployment.template import alarms, dashboard
from carafe.development.deployment.template.metrics import OWN
from carafe.development.lambda_events import (
    amazon_mq_event,
    queue_event,
    queue_message,
    schedule_event,
)
from carafe.development.project import Project
from carafe.infrastructure.container import Container
from carafe.testing.clock import AdvanceableClock
from carafe.testing.contexts import a_context
from chalicelib.domain.order import Order
from chalicelib.domain.order_payment import PaymentCheck, PaymentDue
from tests.support.orders import an_order


@pytest.fixture
def nudge(service: Container[Any], clock: AdvanceableClock) -> dict[str, Any]:
    """The nudge of two timers that are due; the call of the second fails."""
    order = an_order()
    order.set_timer(PaymentDue, timedelta(minutes=1), at=clock())
    service.repository(Order).add(order, a_context())
    failing = an_order()
    failing.set_timer(PaymentCheck, timedelta(minutes=1), at=clock(), key="unknown")
    service.repository(Order).add(failing, a_context())
    service.database["orders"].update_one({"_id": failing.id}, {"$set": {"timers.0.id": "gone"}})
    clock.advance(timedelta(minutes=2))
    return {"timers_of": [order.id, failing.id], "collection": "orders"}


def reported(caplog: pytest.LogCaptureFixture) -> dict[str, float]:
    """Return the values of the metrics that were reported last, by name."""
    values: dict[str, float] = {}
    for record in caplog.records:
        for metrics in getattr(record, "_aws", {}).get("CloudWatchMetrics", ()):
            names = [each["Name"] for each in metrics["Metrics"]]
            values |= {name: getattr(record, name) for name in names}
    return values


def read_by_cloudwatch(project: Project) -> set[str]:
    """Return the names of the service's own metrics in the template."""
    stage = read_stage("prod", project)
    (board,) = dashboard.resources(project.app, stage).values()
    widgets = json.loads(board["Properties"]["DashboardBody"]["Fn::Sub"])["widgets"]
    lines = [line for each in widgets for line in each["properties"]["metrics"]]
    watched = [each.metric for each in alarms.alarms(project.app, stage)]
    return {name for namespace, name, *_ in lines if namespace == OWN} | {
        each.name for each in watched if each.namespace == OWN
    }


@pytest.mark.usefixtures("with_time_left")
def test_each_metric_of_an_alarm_or_a_chart_is_reported(
    api: Client, project: Project, nudge: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        api.lambda_.invoke("sweep", schedule_event("sweep"))
        api.lambda_.invoke("execute", queue_event("q:q", [queue_message(json.dumps(nudge))]))
        api.lambda_.invoke("consume", amazon_mq_event("inbox", "/", []))
    values = reported(caplog)
    assert read_by_cloudwatch(project) <= values.keys()
    assert (values["timers_nudged"], values["timers_parked"]) == (2, 0)
    assert 59 < values["timer_overdue_seconds"] < 90
    assert (values["timers_called"], values["timers_failed"]) == (1, 1)
