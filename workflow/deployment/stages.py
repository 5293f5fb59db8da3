"""The stages, as `.chalice/config.json` has them, and what else differs between them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import PackagingFailed, UnknownStage

PROJECT = Path(__file__).parents[2]
LOCAL = "local"


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
    """

    name: str
    service: str
    timeouts: dict[str, int]
    broker: Broker


def read_stage(name: str, project: Path = PROJECT) -> Stage:
    """Return a stage.

    Raises:
        UnknownStage: there is none of this name, or it never goes to AWS.
        PackagingFailed: `config.json` cannot be read.
    """
    try:
        config: dict[str, Any] = json.loads((project / ".chalice" / "config.json").read_text())
    except (OSError, ValueError) as error:
        raise PackagingFailed(f".chalice/config.json cannot be read: {error}") from None
    deployed = sorted(set(config["stages"]) - {LOCAL})
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
    return Stage(name, config["app_name"], timeouts, broker)
