"""The alarms of the broker; `carafe page operations` says what to do about each."""

from carafe.development.cloudformation import ALARM_TOPIC, Resources, Value, alarm

MEMORY_PERCENT = 80
DISK_RATIO = 2
PERIOD_SECONDS = 60
PERIODS = 5


def resources(nodes: Value) -> Resources:
    """Return the alarms, and the topic that they notify.

    Each looks at the worst node: the broker's own figures are sums over its nodes, in which one
    that is full would not be seen.

    Args:
        nodes: how many there are.
    """
    memory = _worst_node("MAX", "RabbitMQMemUsed"), _limits("RabbitMQMemLimit")
    disk = _worst_node("MIN", "RabbitMQDiskFree"), _limits("RabbitMQDiskFreeLimit")
    return {
        "BrokerMemoryHigh": _alarm(
            "BrokerMemoryHigh",
            "Soon the broker takes no more messages.",
            [_result("100 * node * ${Nodes} / limits", "memory used, percent", nodes), *memory],
            {"Threshold": MEMORY_PERCENT, "ComparisonOperator": "GreaterThanThreshold"},
        ),
        "BrokerDiskLow": _alarm(
            "BrokerDiskLow",
            "Soon the broker takes no more messages: a node's disk is nearly full.",
            [_result("node * ${Nodes} / limits", "free disk, times the limit", nodes), *disk],
            {"Threshold": DISK_RATIO, "ComparisonOperator": "LessThanThreshold"},
        ),
        **ALARM_TOPIC,
    }


def _alarm(name: str, about: str, queries: list[Resources], threshold: Resources) -> Resources:
    properties = {
        "Metrics": queries,
        **threshold,
        "EvaluationPeriods": PERIODS,
        # A broker that reports nothing is no healthy one.
        "TreatMissingData": "breaching",
    }
    return alarm({"Fn::Sub": f"${{AWS::StackName}}-{name}"}, name, about, properties)


def _result(expression: str, label: str, nodes: Value) -> Resources:
    return {
        "Id": "result",
        "Expression": {"Fn::Sub": [expression, {"Nodes": nodes}]},
        "Label": label,
    }


def _worst_node(statistic: str, metric: str) -> Resources:
    """Return the query for the worst of all nodes, whose names nobody knows beforehand.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-alarm-create.html
    """
    schema = 'SCHEMA("AWS/AmazonMQ", Broker, Node)'
    query = f"SELECT {statistic}({metric}) FROM {schema}"  # noqa: S608 - no SQL database's
    return {
        "Id": "node",
        "Expression": {"Fn::Sub": f"{query} WHERE Broker = '${{AWS::StackName}}'"},
        "Period": PERIOD_SECONDS,
        "ReturnData": False,
    }


def _limits(metric: str) -> Resources:
    """Return the sum of the nodes' limits, which are the same."""
    return {
        "Id": "limits",
        "ReturnData": False,
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/AmazonMQ",
                "MetricName": metric,
                "Dimensions": [{"Name": "Broker", "Value": {"Ref": "AWS::StackName"}}],
            },
            "Period": PERIOD_SECONDS,
            "Stat": "Minimum",
        },
    }
