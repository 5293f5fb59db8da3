"""A stack of CloudFormation: its state, its change sets, its events."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from .account import client
from .change_set import Change, changes_of
from .errors import DeploymentFailed

ABSENT = "ABSENT"
UNEXECUTED = "REVIEW_IN_PROGRESS"
"""Only a change set was made, and never executed."""

ROLLED_BACK = "ROLLBACK_COMPLETE"
"""The first creation failed: such a stack can only be deleted."""

STARTABLE = {ABSENT, UNEXECUTED}
COMPLETE = {
    "CREATE_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
}
SUCCEEDED = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
EMPTY = ("didn't contain changes", "No updates are to be performed")
POLL_SECONDS = 4.0
CAPABILITIES = ["CAPABILITY_IAM"]

Event = Mapping[str, Any]


class Stack:
    """A stack by its name.

    Args:
        name: its name.
        wait: waits between two looks.
        cloudformation: boto3's client; None to make one.
    """

    def __init__(
        self,
        name: str,
        wait: Callable[[], None] = lambda: time.sleep(POLL_SECONDS),
        cloudformation: Any = None,  # noqa: ANN401 - boto3's client has no type
    ) -> None:
        self.name = name
        self._wait = wait
        self._cloudformation = cloudformation or client("cloudformation")

    def describe(self, reference: str | None = None) -> Mapping[str, Any]:
        """Return what CloudFormation says of it; nothing if there is none.

        Args:
            reference: its id, by which a deleted one is found as well.
        """
        try:
            answer = self._cloudformation.describe_stacks(StackName=reference or self.name)
        except ClientError as error:
            if "does not exist" in str(error):
                return {}
            raise
        stack: Mapping[str, Any] = answer["Stacks"][0]
        return stack

    @property
    def status(self) -> str:
        """Its state, as CloudFormation calls it; `ABSENT` if there is none."""
        return str(self.describe().get("StackStatus", ABSENT))

    @property
    def parameters(self) -> dict[str, str]:
        """The values of its parameters; none if nothing was ever deployed."""
        stack = self.describe()
        if stack.get("StackStatus", ABSENT) in STARTABLE:
            return {}
        return {each["ParameterKey"]: each["ParameterValue"] for each in stack["Parameters"]}

    @property
    def outputs(self) -> dict[str, str]:
        """Its outputs."""
        return {
            each["OutputKey"]: each["OutputValue"] for each in self.describe().get("Outputs", [])
        }

    def plan(
        self, template_url: str, parameters: Sequence[Mapping[str, Any]], tags: Mapping[str, str]
    ) -> tuple[str | None, list[Change]]:
        """Make a change set, and return its id, and which resources it would change.

        The id is None if nothing differs. No resources and an id: parameters or outputs differ.

        Raises:
            DeploymentFailed: CloudFormation cannot make it.
        """
        kind = "CREATE" if self.status in STARTABLE else "UPDATE"
        made = self._cloudformation.create_change_set(
            StackName=self.name,
            ChangeSetName=f"carafe-{datetime.now(UTC):%Y%m%d-%H%M%S}",
            ChangeSetType=kind,
            TemplateURL=template_url,
            Parameters=list(parameters),
            Capabilities=CAPABILITIES,
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        identifier = str(made["Id"])
        described = self._described(identifier)
        if described["Status"] == "FAILED":
            reason = str(described.get("StatusReason", "no reason"))
            self.discard(identifier)
            if any(each in reason for each in EMPTY):
                return None, []
            raise DeploymentFailed(f"CloudFormation cannot make the change set: {reason}")
        return identifier, changes_of(self._entries(identifier))

    def discard(self, change_set: str) -> None:
        """Delete a change set, and a stack that was made for it alone."""
        self._cloudformation.delete_change_set(ChangeSetName=change_set, StackName=self.name)
        if self.status == UNEXECUTED:
            self._cloudformation.delete_stack(StackName=self.name)

    def execute(self, change_set: str) -> Iterator[Event]:
        """Execute a change set, and yield the stack's events until it is done.

        Raises:
            DeploymentFailed: it failed.
        """
        before = self._newest_event()
        self._cloudformation.execute_change_set(ChangeSetName=change_set, StackName=self.name)
        yield from self.follow(before)

    def delete(self) -> Iterator[Event]:
        """Delete it, and yield its events until it is gone."""
        before, reference = self._newest_event(), str(self.describe()["StackId"])
        self._cloudformation.delete_stack(StackName=self.name)
        yield from self._events_until_idle(before, reference)

    def follow(self, after: str | None = None) -> Iterator[Event]:
        """Yield the stack's events until it is idle.

        Args:
            after: the id of the event from which on they are new.

        Raises:
            DeploymentFailed: what went on has failed.
        """
        reference = str(self.describe()["StackId"])
        reasons: list[str] = []
        for event in self._events_until_idle(after, reference):
            if event["ResourceStatus"].endswith("_FAILED"):
                reasons.append(
                    f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
                )
            yield event
        if (status := self.status) not in SUCCEEDED:
            cause = reasons[0] if reasons else "no event says why"
            raise DeploymentFailed(f"the stack {self.name} is {status}: {cause}")

    def _events_until_idle(self, after: str | None, reference: str) -> Iterator[Event]:
        is_idle = False
        while not is_idle:
            status = str(self.describe(reference).get("StackStatus", ABSENT))
            # The status first: what happens after it is found by the next look.
            is_idle = status == UNEXECUTED or not status.endswith("_IN_PROGRESS")
            for event in self._events_since(after, reference):
                after = event["EventId"]
                yield event
            if not is_idle:
                self._wait()

    def _events_since(self, after: str | None, reference: str) -> list[Event]:
        """Return the events after one, the oldest first."""
        events: list[Event] = []
        for page in self._cloudformation.get_paginator("describe_stack_events").paginate(
            StackName=reference
        ):
            for event in page["StackEvents"]:
                if event["EventId"] == after:
                    return events[::-1]
                events.append(event)
        return events[::-1]

    def _newest_event(self) -> str | None:
        if self.status == ABSENT:
            return None
        answer = self._cloudformation.describe_stack_events(StackName=self.name)
        events = answer["StackEvents"]
        return str(events[0]["EventId"]) if events else None

    def _described(self, change_set: str) -> Mapping[str, Any]:
        while True:
            described: Mapping[str, Any] = self._cloudformation.describe_change_set(
                ChangeSetName=change_set, StackName=self.name
            )
            if described["Status"] in {"CREATE_COMPLETE", "FAILED"}:
                return described
            self._wait()

    def _entries(self, change_set: str) -> Iterator[Mapping[str, Any]]:
        token: dict[str, str] = {}
        while True:
            page = self._cloudformation.describe_change_set(
                ChangeSetName=change_set, StackName=self.name, **token
            )
            yield from page["Changes"]
            if "NextToken" not in page:
                return
            token = {"NextToken": page["NextToken"]}
