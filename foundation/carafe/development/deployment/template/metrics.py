"""The metrics that tell an operator how the service is, each with a name of its own.

The service's own are written by `carafe.infrastructure.logs.metrics`, the others by AWS.
"""

from dataclasses import dataclass
from typing import Any

from carafe.development.deployment.stages import Stage

from .naming import Value

OWN = "Carafe"
PERIOD_SECONDS = 60


@dataclass(frozen=True)
class Metric:
    """One line on a chart.

    Attributes:
        namespace: whose it is.
        name: of the metric.
        dimensions: what it is about.
        statistic: how values of one period become one.
    """

    namespace: str
    name: str
    dimensions: dict[str, Value]
    statistic: str

    def alarm_properties(self) -> dict[str, Any]:
        """Return it as an alarm names it."""
        percentile = self.statistic.startswith("p")
        return {
            "Namespace": self.namespace,
            "MetricName": self.name,
            "Dimensions": [
                {"Name": name, "Value": value} for name, value in self.dimensions.items()
            ],
            ("ExtendedStatistic" if percentile else "Statistic"): self.statistic,
        }

    def widget_row(self) -> list[Any]:
        """Return it as a dashboard names it."""
        dimensions = [part for pair in self.dimensions.items() for part in pair]
        return [self.namespace, self.name, *dimensions, {"stat": self.statistic}]


def own(name: str, stage: Stage, statistic: str = "Sum") -> Metric:
    """Return one of the service's own."""
    return Metric(OWN, name, {"service": stage.service}, statistic)


def of_function(name: str, function: str, statistic: str = "Sum") -> Metric:
    """Return one of Lambda's; `function` is its name in AWS."""
    return Metric("AWS/Lambda", name, {"FunctionName": function}, statistic)


def of_queue(name: str, queue: str) -> Metric:
    """Return one of SQS's."""
    return Metric("AWS/SQS", name, {"QueueName": queue}, "Maximum")


def of_broker(name: str, stage: Stage, statistic: str = "Maximum") -> Metric:
    """Return one of the broker's."""
    return Metric("AWS/AmazonMQ", name, {"Broker": stage.service}, statistic)


def of_broker_queue(queue: str, stage: Stage) -> Metric:
    """Return how many messages lie in a queue of the broker."""
    dimensions: dict[str, Value] = {"Broker": stage.service, "VirtualHost": "/", "Queue": queue}
    return Metric("AWS/AmazonMQ", "MessageCount", dimensions, "Maximum")


def of_api(name: str, stage: Stage, statistic: str = "Sum") -> Metric:
    """Return one of API Gateway's; Chalice calls the API by the name of the service."""
    return Metric("AWS/ApiGateway", name, {"ApiName": stage.service}, statistic)
