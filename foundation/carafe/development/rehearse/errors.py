"""The error of a rehearsal: what fails here would fail in AWS."""

from carafe.development.explained import Explained


class RehearsalFailed(Explained):
    """A packaged function did not do what it should; the message says which and how."""
