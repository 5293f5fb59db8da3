"""A deployment from the checkout to the first answers: each step can be repeated.

Neither step undoes what an earlier one did: after a failure, the same command goes on from there.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import boto3
from msgspec import Struct
from rich.console import Console

from carafe.development.project import Project
from carafe.development.remote.hook import MIGRATIONS
from carafe.development.remote.invocation import run_on_stage
from carafe.development.servers.process import Report

from .account import account_number, explained_refusals
from .change_set import Change, table_of
from .errors import DeploymentFailed
from .package import TEMPLATE, build_package, require_package
from .parameters import parameters_of_change
from .preflight import check_account
from .quotas import reserves_concurrency
from .request_log import may_log_requests
from .smoke import smoke_test
from .stack import COMPLETE, ROLLED_BACK, STARTABLE, Event, Stack
from .stages import Stage, read_stage
from .template.gateway import LOGS_REQUESTS
from .upload import DEFAULT_REGION, Bucket, default_bucket, upload

CONNECTED = "InboxConnected"
"""The parameter of the template that this command sets once the inbox's queue is there."""

OF_THE_ACCOUNT: Mapping[str, Callable[[], bool]] = {
    "ReserveConcurrency": reserves_concurrency,
    LOGS_REQUESTS: may_log_requests,
}
"""Parameters that say what the account allows, where nobody gives them."""


class Options(Struct, frozen=True):
    """What a person may decide.

    Attributes:
        parameters: of the template.
        bucket: for code and template; None for the usual one.
        is_confirmed: whether nobody is to be asked.
        may_replace: whether what holds messages or secrets may be replaced or removed.
        only_shows: whether the changes are only shown.
        package: the folder of a package; None to make one.
    """

    parameters: Mapping[str, str]
    bucket: str | None = None
    is_confirmed: bool = False
    may_replace: bool = False
    only_shows: bool = False
    package: Path | None = None


class Deployment:
    """Deploys a stage.

    Args:
        project: the service.
        stage_name: the stage's name.
        options: what a person decides.
        console: for what is done.
        confirm: asks a person; returns whether to go on.
        stack: the stack; None for that of the stage.
        test: asks the deployed API whether it works, by its address.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - each is a part of it
        self,
        project: Project,
        stage_name: str,
        options: Options,
        console: Console,
        confirm: Callable[[str], bool],
        stack: Stack | None = None,
        test: Callable[[str, Report], None] = smoke_test,
    ) -> None:
        self._project = project
        self._stage: Stage = read_stage(stage_name, project)
        self._options = options
        self._console = console
        self._confirm = confirm
        self._test = test
        with explained_refusals():
            self._stack = stack or Stack(self._stage.stack)

    def run(self) -> bool:
        """Deploy, and return whether it was done: not if it was only shown, or not confirmed.

        Raises:
            DeploymentError: a step failed; the message says what to do before it is repeated.
        """
        account = check_account(self._project.app, self._stage, self._options.parameters)
        for note in account.notes:
            self._console.print(f"note: {note}")
        folder = self._package()
        declared = json.loads((folder / TEMPLATE).read_text())["Parameters"]
        with explained_refusals():
            self._settle()
            url = upload(folder, self._bucket(), self._stack.name)
            if not self._change(url, declared, self._options.parameters):
                return False
            self._migrate()
            self._connect_inbox(url, declared)
            if address := self._stack.outputs.get("EndpointURL"):
                self._test(address, self._console.print)
        return True

    def _package(self) -> Path:
        """Return the folder of the package, and make it unless there is one."""
        if self._options.package is not None:
            return require_package(self._options.package, self._stage)
        folder = self._project.root / "build" / self._stage.name
        build_package(self._project, self._stage.name, folder, self._console.print)
        return folder

    def _settle(self) -> None:
        """Bring the stack into a state in which it can be changed."""
        status = self._stack.status
        if status.endswith("_IN_PROGRESS") and status not in STARTABLE:
            self._console.print(f"the stack is {status}: following it to its end")
            self._show(self._stack.follow())
            status = self._stack.status
        if status == ROLLED_BACK:
            self._console.print("its first creation had failed: deleting what is left of it")
            self._show(self._stack.delete())
            status = self._stack.status
        if status not in STARTABLE | COMPLETE:
            raise DeploymentFailed(_advice(self._stack.name, status))

    def _bucket(self) -> Bucket:
        account = account_number()
        region = boto3.session.Session().region_name or DEFAULT_REGION
        bucket = Bucket(self._options.bucket or default_bucket(account, region), account, region)
        if bucket.create():
            self._console.print(f"made the bucket {bucket.name} for code")
        return bucket

    def _change(
        self,
        url: str,
        declared: Mapping[str, Any],
        given: Mapping[str, str],
        *,
        is_agreed: bool = False,
    ) -> bool:
        """Change the stack, and return whether it is now as it should be."""
        present = self._stack.parameters
        parameters = dict(given)
        for name, is_allowed in OF_THE_ACCOUNT.items():
            if name in declared and name not in {*present, *given}:
                parameters[name] = "true" if is_allowed() else "false"
        change_set, changes = self._stack.plan(
            url,
            parameters_of_change(declared, parameters, present, self._stage.name),
            {"service": self._stage.service, "stage": self._stage.name},
        )
        if change_set is None:
            self._console.print("nothing differs from what is deployed")
            return not self._options.only_shows
        self._console.print(table_of(changes) if changes else "parameters or outputs change")
        if not is_agreed:
            try:
                is_agreed = self._is_wanted(changes)
            finally:
                if not is_agreed:
                    self._stack.discard(change_set)
        if is_agreed:
            self._show(self._stack.execute(change_set))
        return is_agreed

    def _is_wanted(self, changes: Iterable[Change]) -> bool:
        grave = [each.resource for each in changes if each.loses_state]
        if self._options.only_shows:
            return False
        if grave and not self._options.may_replace:
            raise DeploymentFailed(
                f"{', '.join(grave)} would be replaced or removed, with the messages or secrets "
                "in them: if you mean it, repeat it with --allow-replacement"
            )
        return self._options.is_confirmed or self._confirm(f"Change {self._stack.name}?")

    def _migrate(self) -> None:
        """Prepare database and broker, from inside their network."""
        for words in MIGRATIONS:
            command = " ".join(words)
            self._console.print(f"carafe {command} --stage {self._stage.name}")
            result = run_on_stage(self._stage.service, self._stage.name, [*words])
            self._console.print(result.output.rstrip() or "(no output)", markup=False)
            if result.exit_code != 0:
                raise DeploymentFailed(
                    f"the stack is as it should be, but `carafe {command}` failed on it: "
                    f"{_last_line(result.errors)} If it is a setting: fill in the secret "
                    f"{self._stage.secret('settings')} (`carafe page operations`), and repeat this"
                )

    def _connect_inbox(self, url: str, declared: Mapping[str, Any]) -> None:
        """Let the inbox feed `consume`, now that its queue exists."""
        if CONNECTED in declared and self._stack.parameters.get(CONNECTED) != "true":
            if CONNECTED in self._options.parameters:
                self._console.print(f"the inbox stays unconnected, as {CONNECTED} says")
                return
            self._console.print("the inbox's queue exists: connecting it to consume")
            self._change(url, declared, {CONNECTED: "true"}, is_agreed=True)

    def _show(self, events: Iterable[Event]) -> None:
        for each in events:
            status = each["ResourceStatus"]
            if not status.endswith("_IN_PROGRESS"):
                reason = each.get("ResourceStatusReason", "") if "FAILED" in status else ""
                at = each["Timestamp"].strftime("%H:%M:%S")
                line = f"{at}  {status:<22} {each['LogicalResourceId']}  {reason}"
                self._console.print(line.rstrip(), markup=False)


def _advice(stack: str, status: str) -> str:
    if status == "UPDATE_ROLLBACK_FAILED":
        return (
            f"the stack {stack} is {status}: `aws cloudformation continue-update-rollback "
            f"--stack-name {stack}` goes on once the cause is gone, which its events name"
        )
    return (
        f"the stack {stack} is {status}: `aws cloudformation delete-stack --stack-name {stack}` "
        "removes what is left of it, then repeat this"
    )


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].removeprefix("error: ") if lines else "it says nothing."
