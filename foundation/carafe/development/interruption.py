"""How a command ends that is interrupted, in the middle of a dialogue or of its work."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click

from . import INTERRUPTED


def exit_code(abort: click.Abort) -> int:
    """Return the exit code of an aborted prompt.

    click raises the same error for Ctrl-C and for an input that ends; its context tells them apart.
    """
    return INTERRUPTED if isinstance(abort.__context__, KeyboardInterrupt) else 1


@contextmanager
def interruptible() -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM end the block cleanly, and ignore further ones."""

    def interrupt(number: int, _frame: FrameType | None) -> None:
        for each in previous_handlers:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    previous_handlers = {
        each: signal.signal(each, interrupt) for each in (signal.SIGINT, signal.SIGTERM)
    }
    yield  # if the block raises, the process ends: until then the handlers stay
    for number, handler in previous_handlers.items():
        signal.signal(number, handler)
