"""The error of building a client."""

from carafe.development.explained import Explained


class ClientNotBuilt(Explained):
    """The service has no client, or its contracts depend on the rest of it."""
