"""The errors between a checkout and a deployment; every message is one line.

DeploymentError
├── UnknownStage        .chalice/config.json has no such stage, or it is not deployed
├── PackagingFailed     the package could not be made
├── TemplateUnsafe      the template would deploy something that loses events or rights
└── NotAccepted         the account cannot be reached, or uses these names already
"""


class DeploymentError(Exception):
    """The service cannot be deployed."""


class UnknownStage(DeploymentError):
    """The stage does not exist, or is not deployed."""


class PackagingFailed(DeploymentError):
    """The package could not be made; nothing of it remains."""


class TemplateUnsafe(DeploymentError):
    """The template breaks rules.

    Args:
        faults: one sentence for each.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("the template is not safe to deploy: " + "; ".join(faults))
        self.faults = faults


class NotAccepted(DeploymentError):
    """The account cannot be reached, or uses the stage's names already."""
