"""What the templates of services and of the platform have in common."""

from collections.abc import Mapping
from typing import Any

Resources = dict[str, Any]
Value = Any
"""A string, or an object that CloudFormation resolves to one."""

KEPT = {"UpdateReplacePolicy": "Retain", "DeletionPolicy": "RetainExceptOnCreate"}
"""What becomes of messages, secrets and brokers with their stack: they stay, unless its creation
failed, so that the next attempt finds their names free."""

DELETED = {"UpdateReplacePolicy": "Delete", "DeletionPolicy": "Delete"}
"""What becomes of them where nobody will miss them."""

ALARM_PARAMETER: Resources = {
    "AlarmEmail": {
        "Type": "String",
        "Default": "",
        "Description": "The e-mail address for alarms; empty for none",
    }
}
ALARM_CONDITION: Resources = {
    "SomebodyIsTold": {"Fn::Not": [{"Fn::Equals": [{"Ref": "AlarmEmail"}, ""]}]}
}
ALARM_TOPIC: Resources = {
    "Alarms": {"Type": "AWS::SNS::Topic"},
    "AlarmsByEmail": {
        "Type": "AWS::SNS::Subscription",
        "Condition": "SomebodyIsTold",
        "Properties": {
            "TopicArn": {"Ref": "Alarms"},
            "Protocol": "email",
            "Endpoint": {"Ref": "AlarmEmail"},
        },
    },
}
"""Whom alarms tell; the condition and the parameter belong to it."""


def alarm(name: Value, title: str, about: str, properties: Resources) -> Resources:
    """Return an alarm that notifies the topic.

    Args:
        name: in AWS.
        title: its heading in the runbook.
        about: one sentence for the operator.
        properties: what it looks at, and from when on it fires.
    """
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": name,
            "AlarmDescription": f"{about} `carafe page operations`: {title}",
            **properties,
            "AlarmActions": [{"Ref": "Alarms"}],
            "OKActions": [{"Ref": "Alarms"}],
        },
    }


def generated_secret(
    name: Value, template: str, key: str, length: int, fate: Mapping[str, str] = KEPT
) -> Resources:
    """Return a secret of which one value is generated.

    Args:
        name: in AWS.
        template: the rest of it, as JSON.
        key: of the generated value.
        length: of the generated value.
        fate: what becomes of it with its stack.
    """
    return {
        "Type": "AWS::SecretsManager::Secret",
        **fate,
        "Properties": {
            "Name": name,
            "GenerateSecretString": {
                "SecretStringTemplate": template,
                "GenerateStringKey": key,
                "PasswordLength": length,
                "ExcludePunctuation": True,
            },
        },
    }
