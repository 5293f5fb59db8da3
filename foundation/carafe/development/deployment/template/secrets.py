"""The two secrets: the template holds no value that a person enters."""

from chalice.app import Chalice

from carafe.development.deployment.stages import GENERATED, Stage

from .naming import Resources, Value

SETTINGS = "SettingsSecret"
BROKER_LOGIN = "BrokerSecret"

LENGTH = 48


def resources(_app: Chalice, stage: Stage) -> Resources:
    """Return both secrets.

    CloudFormation generates their values once. It would do so again if `GenerateSecretString`
    changed, and an operator's values would be lost: so that must never change.
    """
    return {
        SETTINGS: {
            **_secret(f"{stage.service}/settings", "{}", GENERATED),
            "Metadata": {"ToFillIn": list(stage.secret_settings)},
        },
        BROKER_LOGIN: _secret(f"{stage.service}/broker", '{"username": "carafe"}', "password"),
    }


def broker_login(part: str) -> Value:
    """Return the broker's `username` or `password`, resolved while the broker is created."""
    text = "{{resolve:secretsmanager:${%s}:SecretString:%s}}" % (BROKER_LOGIN, part)  # noqa: UP031 - too many braces
    return {"Fn::Sub": text}


def _secret(name: str, template: str, generated: str) -> Resources:
    return {
        "Type": "AWS::SecretsManager::Secret",
        "UpdateReplacePolicy": "Retain",
        "DeletionPolicy": "Retain",
        "Properties": {
            "Name": name,
            "GenerateSecretString": {
                "SecretStringTemplate": template,
                "GenerateStringKey": generated,
                "PasswordLength": LENGTH,
                "ExcludePunctuation": True,
            },
        },
    }
