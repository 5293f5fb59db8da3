"""Why there was no upgrade."""


class UpgradeFailed(Exception):
    """The upgrade did not take place; the message says why, and what to do."""
