"""The error of building a client."""

from carafe.development.expected_error import ExpectedError


class ClientNotBuilt(ExpectedError):
    """The service has no client, or its contracts depend on the rest of it."""
