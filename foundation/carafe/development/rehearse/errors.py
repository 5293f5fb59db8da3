"""What goes wrong in a rehearsal would go wrong in AWS."""


class RehearsalFailed(Exception):
    """A packaged function did not do what it should; the message says which and how."""
