"""The errors between a checkout and a deployment; every message says what to do in one line.

DeploymentError
├── UnknownStage        .chalice/config.json has no such stage, or it is not deployed
├── DocumentsUnreadable the stored forms changed in a way that leaves old documents behind
├── FunctionsUnfit      a function has no configuration, or a policy that is not right
├── PackagingFailed     the package could not be made
├── TemplateUnsafe      the template would deploy something that loses events
├── NotAccepted         the account cannot be reached, or uses these names already
├── BadParameters       a parameter of the template is unknown, missing or malformed
└── DeploymentFailed    the deployment was begun and not completed
"""

from carafe.development.expected_error import ExpectedError


class DeploymentError(ExpectedError):
    """The service cannot be deployed."""


class UnknownStage(DeploymentError):
    """The stage does not exist, or is not deployed."""


class DocumentsUnreadable(DeploymentError):
    """The code could not read documents of the released forms.

    Args:
        changes: one sentence for each.
    """

    def __init__(self, changes: list[str]) -> None:
        super().__init__(
            "documents of the released forms would be unreadable: " + "; ".join(changes)
        )
        self.changes = changes


class FunctionsUnfit(DeploymentError):
    """Functions lack configuration, or their policies allow too little or too much.

    Args:
        faults: one sentence for each; the message has a line for each.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n  ".join(["the functions cannot be deployed like this:", *faults]))
        self.faults = faults


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


class BadParameters(DeploymentError):
    """A parameter of the template is unknown, missing or malformed."""


class DeploymentFailed(DeploymentError):
    """The deployment was begun and not completed; it can be repeated."""
