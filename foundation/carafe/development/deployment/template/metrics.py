"""The metrics of the service's health.

`carafe.infrastructure.logs.metrics` writes the service's own, AWS the others.
"""

from dataclasses import dataclass
from typing import Any

from carafe.development.cloudformation import Value
from carafe.development.deployment.stages import Stage

OWN = "Carafe"
PERIOD_SECONDS = 60


@dataclass(frozen=True)
class Metric:
    """One line on a chart.

    Attributes:
        namespace: its namespace in CloudWatch.
        name: its name there.
        dimensions: its dimensions there.
        statistic: how the values of a period are combined.
    """

    namespace: str
    name: str
    dimensions: dict[str, Value]
    statistic: str

    def alarm_properties(self) -> dict[str, Any]:
        """Return the metric in the form of an alarm."""
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
        """Return the metric in the form of a dashboard."""
        dimensions = [part for pair in self.dimensions.items() for part in pair]
        return [self.namespace, self.name, *dimensions, {"stat": self.statistic}]


def own(name: str, stage: Stage, statistic: str = "Sum") -> Metric:
    """Return a metric of the service's own."""
    return Metric(OWN, name, {"service": stage.service, "stage": stage.name}, statistic)


def of_function(name: str, function: str, statistic: str = "Sum") -> Metric:
    """Return a metric of Lambda; `function` is the function's name in AWS."""
    return Metric("AWS/Lambda", name, {"FunctionName": function}, statistic)


def of_queue(name: str, queue: str) -> Metric:
    """Return a metric of SQS."""
    return Metric("AWS/SQS", name, {"QueueName": queue}, "Maximum")


def of_api(name: str, stage: Stage, statistic: str = "Sum") -> Metric:
    """Return a metric of API Gateway."""
    return Metric("AWS/ApiGateway", name, {"ApiName": stage.stack}, statistic)
