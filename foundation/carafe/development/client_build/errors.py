"""The error of building a client."""


class ClientNotBuilt(Exception):
    """The service has no client, or its contracts depend on the rest of it."""
