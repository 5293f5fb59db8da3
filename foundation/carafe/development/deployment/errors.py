"""What can go wrong between the checkout and a package; every message is one line.

DeploymentError
├── UnknownStage        .chalice/config.json has no such stage, or it is not for AWS
├── PackagingFailed     a package could not be made
├── TemplateUnsafe      the template would deploy something that loses events or rights
└── NotAccepted         the account cannot be asked, or has other things by these names
"""


class DeploymentError(Exception):
    """The service cannot be deployed like this."""


class UnknownStage(DeploymentError):
    """There is no such stage, or nothing of it goes to AWS."""


class PackagingFailed(DeploymentError):
    """A package could not be made; nothing is left of it."""


class TemplateUnsafe(DeploymentError):
    """The template breaks rules.

    Args:
        faults: one sentence for each.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("the template is not safe to deploy: " + "; ".join(faults))
        self.faults = faults


class NotAccepted(DeploymentError):
    """The account cannot be asked, or somebody has the names already."""
