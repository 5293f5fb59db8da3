"""The two secrets: the template holds no value that a person enters."""

import json

from chalice.app import Chalice

from carafe.development.deployment.stages import GENERATED, Stage
from carafe.development.platform.access import SUFFIXES

from .naming import KEPT, Resources

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
        BROKER_LOGIN: _secret(f"{stage.service}/broker", _first_user(stage), "password"),
    }


def _first_user(stage: Stage) -> str:
    """Return the beginning of the login: the first of the two users that take turns."""
    return json.dumps({"username": f"{stage.service}{SUFFIXES[0]}"})


def _secret(name: str, template: str, generated: str) -> Resources:
    return {
        "Type": "AWS::SecretsManager::Secret",
        "UpdateReplacePolicy": "Retain",
        "DeletionPolicy": KEPT,
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
