"""The errors that the command line shows as one line."""


class Explained(Exception):
    """A command cannot do its work, and the message says what to do; its kinds say which one."""
