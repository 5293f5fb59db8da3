"""Why there was no upgrade."""

from carafe.development.explained import Explained


class UpgradeFailed(Explained):
    """The upgrade did not take place; the message says why, and what to do."""
