"""The stages, as `.chalice/config.json` has them, and what else differs between them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carafe.development.project import Project
from carafe.infrastructure.service import Service
from carafe.infrastructure.settings import LOCAL_STAGE, BadSettings

from .errors import PackagingFailed, UnknownStage

IN_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "x"}

GENERATED = "CURSOR_SECRET"
"""The setting that CloudFormation makes up."""

KNOWN = {"STAGE", "RABBITMQ_URL", "NUDGE_QUEUE_URL", GENERATED}
"""The settings that the template gives each function."""


@dataclass(frozen=True)
class Broker:
    """How large a broker is.

    Attributes:
        mode: one instance, or a cluster over three availability zones.
        instance: its type.
    """

    mode: str
    instance: str

    @property
    def is_cluster(self) -> bool:
        """It survives the loss of an availability zone."""
        return self.mode == "CLUSTER_MULTI_AZ"


CLUSTER = Broker("CLUSTER_MULTI_AZ", "mq.m7g.large")
SINGLE = Broker("SINGLE_INSTANCE", "mq.m7g.medium")


@dataclass(frozen=True)
class Stage:
    """A place in AWS.

    Attributes:
        name: in `.chalice/config.json`.
        service: its name, by which it is known on the bus.
        timeouts: seconds by function, as app.py names it.
        broker: of its own.
        to_fill_in: settings that a person writes into its secret.
    """

    name: str
    service: str
    timeouts: dict[str, int]
    broker: Broker
    to_fill_in: tuple[str, ...]


def read_stage(name: str, project: Project) -> Stage:
    """Return a stage.

    Raises:
        UnknownStage: there is none of this name, or it never goes to AWS.
        PackagingFailed: `config.json` cannot be read.
    """
    config = _config(project.root / ".chalice" / "config.json")
    deployed = sorted(set(config["stages"]) - {LOCAL_STAGE})
    if name not in deployed:
        raise UnknownStage(
            f"there is no stage {name!r} to deploy; .chalice/config.json has {', '.join(deployed)}"
        )
    functions = config.get("lambda_functions", {})
    here = config["stages"][name].get("lambda_functions", {})
    timeouts = {
        each: given["lambda_timeout"]
        for each in {**functions, **here}
        if "lambda_timeout" in (given := {**functions.get(each, {}), **here.get(each, {})})
    }
    broker = CLUSTER if name == "prod" else SINGLE
    return Stage(name, config["app_name"], timeouts, broker, to_fill_in(project.service))


def _config(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise PackagingFailed(f".chalice/config.json cannot be read: {error}") from None
    config: dict[str, Any] = read if isinstance(read, dict) else {}
    for name, kind in (("app_name", str), ("stages", dict)):
        if not isinstance(config.get(name), kind):
            raise PackagingFailed(f".chalice/config.json has no {name}")
    return config


def settings_demanded(service: Service[Any]) -> set[str]:
    """Return the names of the settings without which no function in AWS starts."""
    try:
        service.settings.read(IN_LAMBDA, service.name)
    except BadSettings as refusal:
        return {fault.split()[0] for fault in refusal.faults}
    return set()


def to_fill_in(service: Service[Any]) -> tuple[str, ...]:
    """Return the settings that a person has to give: those that the template cannot know."""
    return tuple(sorted(settings_demanded(service) - KNOWN))
