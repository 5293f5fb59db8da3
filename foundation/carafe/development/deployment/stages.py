"""The stages of `.chalice/config.json`, and what else differs between them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalice.config import Config

from carafe.development.project import Project
from carafe.infrastructure.service import Service
from carafe.infrastructure.settings import LOCAL_STAGE, BadSettings

from .errors import PackagingFailed, UnknownStage

CONFIG = ".chalice/config.json"

IN_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "x"}

GENERATED = "CURSOR_SECRET"
"""The setting that CloudFormation generates."""

TEMPLATE_SETTINGS = {"STAGE", "RABBITMQ_URL", "NUDGE_QUEUE_URL", "COMMAND_QUEUE_URL", GENERATED}
"""The settings that the template gives each function."""


@dataclass(frozen=True)
class Broker:
    """The size of a broker.

    Attributes:
        mode: one instance, or a cluster over three availability zones.
        instance: the instance type.
    """

    mode: str
    instance: str

    @property
    def is_cluster(self) -> bool:
        """Whether it survives the loss of an availability zone."""
        return self.mode == "CLUSTER_MULTI_AZ"


CLUSTER = Broker("CLUSTER_MULTI_AZ", "mq.m7g.large")
SINGLE = Broker("SINGLE_INSTANCE", "mq.m7g.medium")


@dataclass(frozen=True)
class Stage:
    """A stage that is deployed to AWS.

    Attributes:
        name: its name in `.chalice/config.json`.
        service: the service's name on the bus.
        timeouts: seconds, by the function's name in app.py.
        policies: the file in `.chalice` that a function's role is made of, by the same name.
        broker: the size of its broker.
        secret_settings: the settings that an operator writes into its secret.
        has_processes: whether the service declares processes, which may get stuck.
    """

    name: str
    service: str
    timeouts: dict[str, int]
    policies: dict[str, str]
    broker: Broker
    secret_settings: tuple[str, ...]
    has_processes: bool = False


def read_stage(name: str, project: Project) -> Stage:
    """Return a stage.

    Raises:
        UnknownStage: there is no stage of this name, or it is not deployed.
        PackagingFailed: `config.json` cannot be read.
    """
    config = _config(project.root / CONFIG)
    deployed = sorted(set(config["stages"]) - {LOCAL_STAGE})
    if name not in deployed:
        raise UnknownStage(
            f"there is no stage {name!r} to deploy; {CONFIG} has {', '.join(deployed)}"
        )
    functions = config.get("lambda_functions", {})
    overrides = config["stages"][name].get("lambda_functions", {})
    merged = {
        each: {**functions.get(each, {}), **overrides.get(each, {})}
        for each in {**functions, **overrides}
    }
    timeouts = {
        each: values["lambda_timeout"]
        for each, values in merged.items()
        if "lambda_timeout" in values
    }
    broker = CLUSTER if name == "prod" else SINGLE
    return Stage(
        name,
        config["app_name"],
        timeouts,
        _policies(config, name, merged),
        broker,
        secret_settings(project.service),
        has_processes=bool(project.service.processes),
    )


def _policies(config: dict[str, Any], stage: str, functions: Iterable[str]) -> dict[str, str]:
    by_function = {
        each: Config(chalice_stage=stage, function_name=each, config_from_disk=config)
        for each in functions
    }
    return {
        function: found.iam_policy_file
        for function, found in by_function.items()
        if found.manage_iam_role and not found.autogen_policy and found.iam_policy_file
    }


def _config(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise PackagingFailed(f"{CONFIG} cannot be read: {error}") from None
    config: dict[str, Any] = content if isinstance(content, dict) else {}
    for name, expected_type in (("app_name", str), ("stages", dict)):
        if not isinstance(config.get(name), expected_type):
            raise PackagingFailed(f"{CONFIG} has no {name}")
    return config


def required_settings(service: Service[Any]) -> set[str]:
    """Return the names of the settings that every function in AWS needs to start."""
    try:
        service.settings.read(IN_LAMBDA, service.name)
    except BadSettings as error:
        return {fault.split()[0] for fault in error.faults}
    return set()


def secret_settings(service: Service[Any]) -> tuple[str, ...]:
    """Return the settings that an operator must provide, because the template does not."""
    return tuple(sorted(required_settings(service) - TEMPLATE_SETTINGS))
