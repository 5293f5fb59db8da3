"""The stages of `.chalice/config.json`, and what else differs between them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalice.config import Config

from carafe.development.bus.topology import topology_of_service
from carafe.development.project import Project
from carafe.infrastructure.event_bus.topology import Topology
from carafe.infrastructure.service import Service
from carafe.infrastructure.settings import LOCAL_STAGE, BadSettings

from .errors import PackagingFailed, UnknownStage
from .stage_settings import CONFIG, StageSettings, require_stage_name, settings_of

IN_LAMBDA = {"AWS_LAMBDA_FUNCTION_NAME": "x"}

GENERATED = "CURSOR_SECRET"
"""The setting that CloudFormation generates."""

TEMPLATE_SETTINGS = {"STAGE", "RABBITMQ_URL", "NUDGE_QUEUE_URL", "COMMAND_QUEUE_URL", GENERATED}
"""The settings that the template gives each function."""


@dataclass(frozen=True, kw_only=True)
class Stage(StageSettings):
    """A stage that is deployed to AWS.

    Several stages may be in one account: what they create is named after them.

    Attributes:
        name: its name in `.chalice/config.json`.
        service: the service's name on the bus.
        timeouts: seconds, by the function's name in app.py.
        policies: the file in `.chalice` that a function's role is made of, by the same name.
        topology: what it needs on the broker.
        secret_settings: the settings that an operator writes into its secret.
        has_processes: whether the service declares processes, which may get stuck.
        reserved: the executions reserved for a function, by its name in app.py.
        log_days: how long logs are kept; None for ever.
        architecture: of the functions' processors, as Lambda names it.
    """

    name: str
    service: str
    timeouts: dict[str, int]
    policies: dict[str, str]
    topology: Topology
    secret_settings: tuple[str, ...]
    has_processes: bool = False
    reserved: Mapping[str, int] = field(default_factory=dict)
    log_days: int | None = None
    architecture: str = "x86_64"

    @property
    def stack(self) -> str:
        """The name of its stack, which begins the names of what the stack creates."""
        return f"{self.service}-{self.name}"

    @property
    def database(self) -> str:
        """The name of its database in MongoDB: stages may share a cluster."""
        return self.mongodb_database or self.stack

    @property
    def virtual_host(self) -> str:
        """The name of its virtual host on the broker, where it meets services of the same stage."""
        return self.name

    def queue(self, name: str) -> str:
        """Return the name in AWS of a queue, whose name in app.py begins with the service's."""
        return f"{self.stack}-{name.removeprefix(f'{self.service}-')}"

    def secret(self, part: str) -> str:
        """Return the name of one of its secrets, `settings` or `broker`."""
        return f"{self.stack}/{part}"


def read_stage(name: str, project: Project) -> Stage:
    """Return a stage.

    Raises:
        UnknownStage: there is no stage of this name, or it is not deployed.
        PackagingFailed: `config.json` cannot be read, or says something wrong of the stage.
    """
    config = _config(project.root / CONFIG)
    deployed = sorted(set(config["stages"]) - {LOCAL_STAGE})
    if name not in deployed:
        raise UnknownStage(
            f"there is no stage {name!r} to deploy; {CONFIG} has {', '.join(deployed)}"
        )
    require_stage_name(name)
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
    own = Config(chalice_stage=name, config_from_disk=config)
    return Stage(
        name=name,
        service=config["app_name"],
        timeouts=timeouts,
        policies=_policies(config, name, merged),
        topology=topology_of_service(project.service, config["app_name"]),
        secret_settings=secret_settings(project.service),
        has_processes=bool(project.service.processes),
        reserved={
            each: values["reserved_concurrency"]
            for each, values in merged.items()
            if "reserved_concurrency" in values
        },
        log_days=own.log_retention_in_days,
        architecture=own.lambda_architecture,
        **vars(settings_of(config["stages"][name])),
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
