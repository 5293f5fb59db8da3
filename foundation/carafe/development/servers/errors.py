"""The errors of the local servers; every message is one line and says what to do.

LocalServerError
├── ServerFailed      a server ended, or was not ready in time
│   └── PortTaken       another program listens where it was to listen
├── MissingPart       a program is missing, and could not be fetched
├── AlreadyRunning    another run uses the folder
└── Unreachable       an external server does not answer
"""

from carafe.development.expected_error import ExpectedError


class LocalServerError(ExpectedError):
    """The local servers cannot be started."""


class ServerFailed(LocalServerError):
    """A server ended by itself, or was not ready in time."""


class PortTaken(ServerFailed):
    """Another program was faster to listen on one of its ports.

    Args:
        message: the reason, for people.
        server: its name.
    """

    def __init__(self, message: str, server: str) -> None:
        super().__init__(message)
        self.server = server


class MissingPart(LocalServerError):
    """A program is missing, and could not be fetched."""


class AlreadyRunning(LocalServerError):
    """Another run uses this folder."""


class Unreachable(LocalServerError):
    """A server whose address is in the environment does not answer."""
