"""The template of the platform: one broker for the services of a stage, and who administers it.

It holds the code of its function, so that one command deploys it, without a bucket.
"""

from typing import Any

from carafe.development.cloudformation import (
    ALARM_CONDITION,
    ALARM_PARAMETER,
    KEPT,
    Resources,
    Value,
    generated_secret,
)

from . import access_resources, alarms
from .exports import AMQPS_PORT, CONSOLE_PORT, EXPORTS, ingress

PASSWORD_LENGTH = 48

SIZES = {
    "dev": {"Mode": "SINGLE_INSTANCE", "Instance": "mq.m7g.medium", "Nodes": "1"},
    "small-prod": {"Mode": "SINGLE_INSTANCE", "Instance": "mq.m7g.large", "Nodes": "1"},
    "prod": {"Mode": "CLUSTER_MULTI_AZ", "Instance": "mq.m7g.large", "Nodes": "3"},
}
"""RabbitMQ 4 runs on m7g alone. Of these the medium one takes 300 connections, the large one 5,000.
https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/rabbitmq-resource-hard-limit.html"""


def template() -> dict[str, Any]:
    """Return the template."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "The broker that services share",
        "Parameters": _PARAMETERS,
        "Mappings": {"Sizes": SIZES},
        "Conditions": {
            "IsCluster": {"Fn::Equals": [of_size("Mode"), "CLUSTER_MULTI_AZ"]},
            **ALARM_CONDITION,
        },
        "Resources": {
            **_secrets(),
            **_network(),
            "Broker": _broker(),
            **access_resources.resources(),
            **alarms.resources(of_size("Nodes")),
        },
        "Outputs": {
            name: {"Value": value, "Export": {"Name": {"Fn::Sub": f"${{AWS::StackName}}-{name}"}}}
            for name, value in EXPORTS.items()
        },
    }


def of_size(what: str) -> Value:
    """Return the mode, the instance or the number of nodes of the chosen size."""
    return {"Fn::FindInMap": ["Sizes", {"Ref": "Size"}, what]}


_PARAMETERS = {
    "VpcId": {"Type": "AWS::EC2::VPC::Id", "Description": "The VPC of the services"},
    "SubnetIds": {
        "Type": "List<AWS::EC2::Subnet::Id>",
        "Description": (
            "Private subnets, one in each of three availability zones, with access (NAT) to AWS"
        ),
    },
    "Size": {
        "Type": "String",
        "Default": "prod",
        "AllowedValues": [*SIZES],
        "Description": "One node (dev, small-prod), or three in three availability zones (prod)",
    },
    "BrokerVersion": {
        "Type": "String",
        "Default": "4.2",
        "AllowedValues": ["3.13", "4.2", "4.3"],
        "Description": "RabbitMQ's version; patches are applied automatically",
    },
    **ALARM_PARAMETER,
    "LogDays": {
        "Type": "Number",
        "Default": 30,
        "AllowedValues": [7, 14, 30, 60, 90, 180, 365, 731],
        "Description": "For how many days the logs of broker and function are kept",
    },
}


def _secrets() -> Resources:
    """Return the logins of the user with whom the broker begins, and of the administrator.

    The first must never change: CloudFormation reads it again whenever it changes the broker, whose
    users it cannot change.
    """
    names = {"bootstrap": "bootstrap", "administrator": "administrator.a"}
    return {
        f"{secret.title()}Secret": generated_secret(
            {"Fn::Sub": f"${{AWS::StackName}}/{secret}"},
            f'{{"username": "{user}"}}',
            "password",
            PASSWORD_LENGTH,
        )
        for secret, user in names.items()
    }


def _broker() -> Resources:
    first = [{"Fn::Select": [0, {"Ref": "SubnetIds"}]}]
    return {
        "Type": "AWS::AmazonMQ::Broker",
        **KEPT,
        "Properties": {
            "BrokerName": {"Ref": "AWS::StackName"},
            "EngineType": "RABBITMQ",
            "EngineVersion": {"Ref": "BrokerVersion"},
            "AutoMinorVersionUpgrade": True,
            "DeploymentMode": of_size("Mode"),
            "HostInstanceType": of_size("Instance"),
            "PubliclyAccessible": False,
            "SubnetIds": {"Fn::If": ["IsCluster", {"Ref": "SubnetIds"}, first]},
            "SecurityGroups": [{"Ref": "BrokerSecurityGroup"}],
            "Logs": {"General": True},
            "MaintenanceWindowStartTime": {
                "DayOfWeek": "SUNDAY",
                "TimeOfDay": "03:00",
                "TimeZone": "UTC",
            },
            "Users": [{"Username": _bootstrap("username"), "Password": _bootstrap("password")}],
        },
    }


def _bootstrap(part: str) -> Value:
    return {"Fn::Sub": "{{resolve:secretsmanager:${BootstrapSecret}:SecretString:%s}}" % part}  # noqa: UP031 - too many braces


def _network() -> Resources:
    broker = EXPORTS["BrokerSecurityGroup"]
    return {
        "BrokerSecurityGroup": {**_security_group("The broker"), **KEPT},
        "AccessSecurityGroup": _security_group("The function that gives access: nobody calls it"),
        "BrokerReachesItself": ingress(
            "BrokerSecurityGroup",
            AMQPS_PORT,
            broker,
            "Event source mappings of Lambda, which poll from within this group",
        ),
        "AccessReachesConsole": ingress(
            "AccessSecurityGroup",
            CONSOLE_PORT,
            broker,
            "The function that gives services their places",
        ),
    }


def _security_group(description: str) -> Resources:
    return {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"GroupDescription": description, "VpcId": {"Ref": "VpcId"}},
    }
