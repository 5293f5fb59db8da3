"""The errors that the command line shows as one line."""


class ExpectedError(Exception):
    """A command cannot do its work; the message says why, and what to do."""
