"""Why there was no upgrade."""

from carafe.development.expected_error import ExpectedError


class UpgradeFailed(ExpectedError):
    """The upgrade did not take place; the message says why, and what to do."""
