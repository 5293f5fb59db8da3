"""The exit code of a dialogue that ends in the middle."""

import click

from . import INTERRUPTED


def exit_code(abort: click.Abort) -> int:
    """Return the exit code of an aborted prompt.

    click raises the same error for Ctrl-C and for an input that ends; its context tells them apart.
    """
    return INTERRUPTED if isinstance(abort.__context__, KeyboardInterrupt) else 1
