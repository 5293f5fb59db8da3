"""The two secrets: the template holds no value that a person enters."""

import json

from chalice.app import Chalice

from carafe.development.cloudformation import Resources, generated_secret
from carafe.development.deployment.stages import GENERATED, Stage
from carafe.development.platform.access import SUFFIXES

from .naming import fate_of

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
            **generated_secret(stage.secret("settings"), "{}", GENERATED, LENGTH, fate_of(stage)),
            "Metadata": {"ToFillIn": list(stage.secret_settings)},
        },
        BROKER_LOGIN: generated_secret(
            stage.secret("broker"), _first_user(stage), "password", LENGTH, fate_of(stage)
        ),
    }


def _first_user(stage: Stage) -> str:
    """Return the beginning of the login: the first of the two users that take turns."""
    return json.dumps({"username": f"{stage.stack}{SUFFIXES[0]}"})
