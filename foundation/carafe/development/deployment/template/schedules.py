"""The functions that a clock runs: what fails or finds no room is not tried again."""

from chalice.app import Chalice

from carafe.development.cloudformation import Resources
from carafe.development.deployment.stages import Stage
from carafe.development.event_sources import schedule_triggers

from .naming import resource_of

LONGEST_AGE_SECONDS = 60
"""The least that Lambda accepts. By default it tries for six hours, and twice after a failure.
https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html"""


def resources(app: Chalice, _stage: Stage) -> Resources:
    """Return the additions to these functions: the next run does what one did not."""
    settings = {"MaximumEventAgeInSeconds": LONGEST_AGE_SECONDS, "MaximumRetryAttempts": 0}
    return {
        resource_of(each.function): {"Properties": {"EventInvokeConfig": settings}}
        for each in schedule_triggers(app)
    }
