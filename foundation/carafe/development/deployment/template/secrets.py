"""The two secrets: the template holds no value that a person enters."""

import json

from chalice.app import Chalice

from carafe.development.cloudformation import Resources, generated_secret
from carafe.development.deployment.stages import GENERATED, Stage
from carafe.development.platform.access import SUFFIXES

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
            **generated_secret(f"{stage.service}/settings", "{}", GENERATED, LENGTH),
            "Metadata": {"ToFillIn": list(stage.secret_settings)},
        },
        BROKER_LOGIN: generated_secret(
            f"{stage.service}/broker", _first_user(stage), "password", LENGTH
        ),
    }


def _first_user(stage: Stage) -> str:
    """Return the beginning of the login: the first of the two users that take turns."""
    return json.dumps({"username": f"{stage.service}{SUFFIXES[0]}"})
