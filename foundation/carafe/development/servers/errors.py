"""What can go wrong with the local servers; every message is one line and says what to do.

LocalServerError
├── ServerFailed      a server ended, or did not get ready in time
├── MissingPart       a program that the machine lacks, and that could not be fetched
├── AlreadyRunning    another run uses the same folder
└── Unreachable       an address from the environment does not answer
"""


class LocalServerError(Exception):
    """The local servers cannot be started as asked."""


class ServerFailed(LocalServerError):
    """A server ended by itself, or did not get ready in time."""


class MissingPart(LocalServerError):
    """A program is missing, and could not be fetched."""


class AlreadyRunning(LocalServerError):
    """Another run uses this folder."""


class Unreachable(LocalServerError):
    """A server whose address the environment gives does not answer."""
