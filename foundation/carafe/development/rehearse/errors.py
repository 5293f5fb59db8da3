"""The error of a rehearsal: what fails here would fail in AWS."""

from carafe.development.expected_error import ExpectedError


class RehearsalFailed(ExpectedError):
    """A packaged function did not do what it should; the message says which and how."""
