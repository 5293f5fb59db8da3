"""RabbitMQ as Amazon MQ runs it, and how its inbox feeds a function.

The inbox itself is declared by `carafe bus declare` once the broker runs, since CloudFormation
knows no queues of RabbitMQ: that is why the mapping begins switched off.
"""

from chalice.app import Chalice

from carafe.development.deployment.stages import Stage
from carafe.development.event_sources import inbox_triggers
from carafe.infrastructure.event_bus.names import inbox

from . import secrets
from .naming import Resources, Value, resource_of

SECURITY_GROUP = "BrokerSecurityGroup"
AMQPS_PORT = 5671
CONSOLE_PORT = 443
BATCH_SIZE = 100

ADDRESS: Value = {"Fn::Select": [0, {"Fn::GetAtt": ["Broker", "AmqpEndpoints"]}]}
"""`amqps://host:5671`, without a login."""


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return the broker, who may reach it, and the mapping of its inbox."""
    made: Resources = {"Broker": _broker(stage), SECURITY_GROUP: _security_group()}
    # The mapping polls from within this group.
    made["BrokerReachesItself"] = _ingress(SECURITY_GROUP, AMQPS_PORT)
    made["FunctionsReachBroker"] = _ingress("FunctionsSecurityGroup", AMQPS_PORT)
    made["FunctionsReachConsole"] = _ingress("FunctionsSecurityGroup", CONSOLE_PORT)
    for trigger in inbox_triggers(app):
        function = resource_of(trigger.function)
        made[f"{function}Inbox"] = _mapping(function, inbox(stage.service))
    return made


def _broker(stage: Stage) -> Resources:
    subnets: Value = {"Ref": "SubnetIds"}
    if not stage.broker.is_cluster:
        subnets = [{"Fn::Select": [0, subnets]}]
    return {
        "Type": "AWS::AmazonMQ::Broker",
        "UpdateReplacePolicy": "Retain",
        "DeletionPolicy": "Retain",
        "Properties": {
            "BrokerName": stage.service,
            "EngineType": "RABBITMQ",
            "EngineVersion": {"Ref": "BrokerVersion"},
            "AutoMinorVersionUpgrade": True,
            "DeploymentMode": stage.broker.mode,
            "HostInstanceType": stage.broker.instance,
            "PubliclyAccessible": False,
            "SubnetIds": subnets,
            "SecurityGroups": [{"Ref": SECURITY_GROUP}],
            "Logs": {"General": True},
            "MaintenanceWindowStartTime": {
                "DayOfWeek": "SUNDAY",
                "TimeOfDay": "03:00",
                "TimeZone": "UTC",
            },
            "Users": [
                {
                    "Username": secrets.broker_login("username"),
                    "Password": secrets.broker_login("password"),
                }
            ],
        },
    }


def _security_group() -> Resources:
    return {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"GroupDescription": "The broker", "VpcId": {"Ref": "VpcId"}},
    }


def _ingress(source: str, port: int) -> Resources:
    return {
        "Type": "AWS::EC2::SecurityGroupIngress",
        "Properties": {
            "GroupId": {"Ref": SECURITY_GROUP},
            "SourceSecurityGroupId": {"Ref": source},
            "IpProtocol": "tcp",
            "FromPort": port,
            "ToPort": port,
        },
    }


def _mapping(function: str, queue: str) -> Resources:
    return {
        "Type": "AWS::Lambda::EventSourceMapping",
        "Properties": {
            "FunctionName": {"Ref": function},
            "EventSourceArn": {"Fn::GetAtt": ["Broker", "Arn"]},
            "Queues": [queue],
            "BatchSize": BATCH_SIZE,
            "Enabled": {"Ref": "InboxConnected"},
            "SourceAccessConfigurations": [
                {"Type": "BASIC_AUTH", "URI": {"Ref": secrets.BROKER_LOGIN}},
                {"Type": "VIRTUAL_HOST", "URI": "/"},
            ],
        },
    }
