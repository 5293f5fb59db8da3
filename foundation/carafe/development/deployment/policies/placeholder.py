"""The stage's name in the policies: one file serves all stages, and lets none reach another's."""

from carafe.development.deployment.stages import Stage

PLACEHOLDER = "${stage}"
"""What stands for it in `.chalice/policies`. IAM's own variables have another form."""


def with_stage(policy: str, stage: Stage) -> str:
    """Return a policy's text for one stage."""
    return policy.replace(PLACEHOLDER, stage.name)


def without_stage(statement: str, stage: Stage) -> str:
    """Return a statement as it stands in the file for all stages."""
    return statement.replace(stage.stack, f"{stage.service}-{PLACEHOLDER}")
