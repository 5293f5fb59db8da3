"""RabbitMQ on Amazon MQ, and the mapping that feeds its inbox to a function.

`carafe bus declare` declares the inbox itself once the broker runs, because CloudFormation cannot
declare queues of RabbitMQ. Until then the mapping is disabled.
"""

from chalice.app import Chalice

from carafe.development.deployment.stages import Stage
from carafe.development.event_sources import inbox_triggers
from carafe.infrastructure.event_bus.names import inbox_queue

from . import secrets
from .naming import Resources, Value, resource_of

SECURITY_GROUP = "BrokerSecurityGroup"
AMQPS_PORT = 5671
CONSOLE_PORT = 443
BATCH_SIZE = 100

ADDRESS: Value = {"Fn::Select": [0, {"Fn::GetAtt": ["Broker", "AmqpEndpoints"]}]}
"""`amqps://host:5671`, without user and password."""


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return the broker, the network rules for it, and the mapping of its inbox."""
    by_name: Resources = {"Broker": _broker(stage), SECURITY_GROUP: _security_group()}
    # The mapping polls from within this security group.
    by_name["BrokerReachesItself"] = _ingress(SECURITY_GROUP, AMQPS_PORT)
    by_name["FunctionsReachBroker"] = _ingress("FunctionsSecurityGroup", AMQPS_PORT)
    by_name["FunctionsReachConsole"] = _ingress("FunctionsSecurityGroup", CONSOLE_PORT)
    for trigger in inbox_triggers(app):
        function = resource_of(trigger.function)
        by_name[f"{function}Inbox"] = _mapping(function, inbox_queue(stage.service))
    return by_name


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
