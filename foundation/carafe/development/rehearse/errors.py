"""The error of a rehearsal: what fails here would fail in AWS."""


class RehearsalFailed(Exception):
    """A packaged function did not do what it should; the message says which and how."""
