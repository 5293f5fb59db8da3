"""What `migrate` does before a new version takes traffic: CodeDeploy asks it, and waits.

https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#appspec-hooks-lambda
"""

from collections.abc import Callable, Mapping
from typing import Any

MIGRATIONS = (("database", "apply"), ("bus", "declare"))
"""The commands that prepare database and broker for new code."""

DEPLOYMENT, EXECUTION = "DeploymentId", "LifecycleEventHookExecutionId"

Answer = dict[str, Any]


def is_hook(event: Mapping[str, Any]) -> bool:
    """Return whether CodeDeploy asks, and not a person."""
    return DEPLOYMENT in event and EXECUTION in event


def run_hook(event: Mapping[str, Any], run: Callable[[Mapping[str, Any]], Answer]) -> Answer:
    """Prepare database and broker, tell CodeDeploy whether that was done, and return what came.

    Each function's deployment asks by itself, so that several do this at once, and once more.
    Without an answer, each would wait for an hour: there is one whatever happens.

    Args:
        event: of CodeDeploy.
        run: runs a command.
    """
    answer: Answer = {}
    is_done = False
    try:
        for words in MIGRATIONS:
            answer = run({"command": [*words], "by": f"CodeDeploy {event[DEPLOYMENT]}"})
            if answer["exit_code"] != 0:
                print(answer["errors"])  # for the function's log: nobody else reads it
                break
        is_done = answer["exit_code"] == 0
    finally:
        _tell(event, "Succeeded" if is_done else "Failed")
    return answer


def _tell(event: Mapping[str, Any], status: str) -> None:
    import boto3  # noqa: PLC0415 - people's commands do without it

    boto3.client("codedeploy").put_lifecycle_event_hook_execution_status(
        deploymentId=event[DEPLOYMENT],
        lifecycleEventHookExecutionId=event[EXECUTION],
        status=status,
    )
