"""Compares the policy of each function with what the function needs."""

import json
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

from chalice.app import Chalice

from carafe.development.deployment.stage_settings import CONFIG
from carafe.development.deployment.stages import Stage
from carafe.development.deployment.template.naming import handlers, log_group
from carafe.development.event_sources import queue_triggers
from carafe.infrastructure.cqrs.sqs_command_queue import dead_letters

from .needs import READ_SECRET, TAKING, is_on_the_bus, needs_of
from .placeholder import PLACEHOLDER, with_stage, without_stage
from .statements import (
    Statement,
    is_everything,
    is_pattern,
    lacking,
    name_of,
    service_of,
    statements_of,
)

CHALICE = ".chalice"
POLICIES = "policies"

WITH_KNOWN_NAMES = {"logs", "secretsmanager", "sqs"}
"""The services of AWS whose resources a policy must name in full."""

OWN_SECRETS = ("settings", "broker")
"""What the secrets of a service are called, behind its name."""


def faults_in_policies(root: Path, app: Chalice, stage: Stage) -> list[str]:
    """Return what is wrong with the policies of a stage's functions, one sentence for each.

    Args:
        root: the service's folder.
        app: its functions.
        stage: which policies they have.
    """
    faults = [*_entry_faults(app, stage), *_unused(root)]
    for function in handlers(app):
        if function in stage.policies:
            file = f"{CHALICE}/{stage.policies[function]}"
            faults += _PolicyCheck(function, app, stage, file).faults(root)
    return faults


def _entry_faults(app: Chalice, stage: Stage) -> Iterator[str]:
    functions = handlers(app)
    entries: Mapping[str, Mapping[str, object]] = {
        "lambda_timeout": stage.timeouts,
        "iam_policy_file": stage.policies,
    }
    for function in functions:
        missing = [name for name, given in entries.items() if function not in given]
        if missing:
            yield (
                f"{function}: no {' and no '.join(missing)} in lambda_functions of {CONFIG}: add "
                "what is missing, for each function"
            )
    for function in sorted({*stage.timeouts, *stage.policies} - {*functions}):
        yield f"{function}: app.py has no such function: take it out of {CONFIG}"


def _unused(root: Path) -> Iterator[str]:
    config = (root / CONFIG).read_text()
    for path in sorted((root / CHALICE / POLICIES).glob("*.json")):
        if f'"{POLICIES}/{path.name}"' not in config:
            yield (
                f"{CHALICE}/{POLICIES}/{path.name} is no function's policy: remove it, or name it "
                f"as an iam_policy_file in {CONFIG}"
            )


class _PolicyCheck:
    """The check of one function's policy.

    Args:
        function: its name in app.py.
        app: its functions.
        stage: where it runs.
        file: its policy, as a path in the service's folder.
    """

    def __init__(self, function: str, app: Chalice, stage: Stage, file: str) -> None:
        self._function = function
        self._app = app
        self._stage = stage
        self._file = file

    def faults(self, root: Path) -> Iterator[str]:
        """Yield what it lacks, and what it allows without need."""
        try:
            text = with_stage((root / self._file).read_text(), self._stage)
            statements = list(statements_of(json.loads(text)))
        except OSError as error:
            yield f"{self._function}: {self._file} cannot be read: {error.strerror}"
        except ValueError as error:
            yield f"{self._function}: {self._file} cannot be read: {error}"
        else:
            yield from self._missing(statements)
            for each in statements:
                if each.effect == "Allow":
                    yield from self._excess(each)

    def _missing(self, statements: list[Statement]) -> Iterator[str]:
        for need in needs_of(self._function, self._app, self._stage):
            if actions := lacking(need, statements):
                statement = without_stage(json.dumps(need.allowing(actions)), self._stage)
                yield (
                    f"{self._function} may not {', '.join(actions)} on {need.resource}, which it "
                    f"needs: add to {self._file} {statement}"
                )

    def _excess(self, statement: Statement) -> Iterator[str]:
        boundless = [each for each in statement.actions if each == "*" or each.endswith(":*")]
        if boundless:
            yield self._fault(f"may {', '.join(boundless)}", "name each action")
        for resource in statement.resources:
            if is_everything(resource):
                yield from self._everywhere(statement, resource)
            elif service_of(resource) in WITH_KNOWN_NAMES and is_pattern(name_of(resource)):
                yield self._fault(f"may {_actions(statement)} on {resource}", "write the name out")
            else:
                yield from self._of_others(statement, resource)

    def _everywhere(self, statement: Statement, resource: str) -> Iterator[str]:
        named = {each.partition(":")[0].lower() for each in statement.actions} & WITH_KNOWN_NAMES
        if named or statement.condition is None:
            advice = (
                "name the resource"
                if named
                else "name the resource, or add a Condition if AWS has none for the action"
            )
            yield self._fault(f"may {_actions(statement)} on {resource}", advice)

    def _of_others(self, statement: Statement, resource: str) -> Iterator[str]:
        """Yield that it allows what is for another function, or another service."""
        name = name_of(resource)
        if service_of(resource) == "secretsmanager" and statement.concerns(READ_SECRET):
            owner, _, part = name.rpartition("/")
            if owner != self._stage.stack and part in OWN_SECRETS:
                yield self._fault(
                    f"may read the secret {name} of another service or stage", "take it out"
                )
            elif part == "broker" and not is_on_the_bus(self._function, self._app):
                yield self._fault(
                    f"may read the broker's password ({name}), but never connects to the broker",
                    "take it out",
                )
        if service_of(resource) in {"sqs", "logs"} and self._is_of_another_stage(name):
            yield self._fault(
                f"may {_actions(statement)} on {name}, which is not of this stage",
                f"write {self._stage.service}-{PLACEHOLDER} for the stage's own",
            )
        if service_of(resource) == "sqs" and any(statement.concerns(each) for each in TAKING):
            for trigger in queue_triggers(self._app):
                own = self._stage.queue(trigger.queue)
                if own == name and trigger.function != self._function:
                    yield self._fault(
                        f"may take messages from {name}, which are for {trigger.function}",
                        f"take {' and '.join(TAKING)} out",
                    )

    def _is_of_another_stage(self, name: str) -> bool:
        """Return whether a queue or a log is the service's, but not this stage's."""
        queues = [self._stage.queue(each.queue) for each in queue_triggers(self._app)]
        logs = [log_group(each, self._stage) for each in handlers(self._app)]
        own = {*queues, *map(dead_letters, queues), *logs}
        if name in own:
            return False
        patterns = (each.replace(self._stage.stack, f"{self._stage.service}*") for each in own)
        return any(fnmatchcase(name, each) for each in patterns)

    def _fault(self, allowed: str, advice: str) -> str:
        return f"{self._function} {allowed}: {advice} in {self._file}"


def _actions(statement: Statement) -> str:
    return ", ".join(statement.actions)
