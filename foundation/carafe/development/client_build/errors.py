"""What keeps a client from being made; the message is one line."""


class ClientNotBuilt(Exception):
    """The service has no client yet, or its contracts cannot leave the service's tree."""
