"""What `carafe up` prints is printed once, even if Ctrl-C comes in the middle."""

import io
import sys

import pytest
from rich.console import Console
from rich.panel import Panel

from carafe.development.up import Progress, say


class Terminal(io.StringIO):
    """What is printed, with Ctrl-C as soon as the first line is written."""

    is_interrupted = False

    def flush(self) -> None:
        if self.getvalue() and not self.is_interrupted:
            self.is_interrupted = True
            sys.exit(130)


def test_a_line_in_which_it_is_interrupted_is_printed_once() -> None:
    terminal = Terminal()
    progress = Progress(Console(file=terminal))
    with pytest.raises(SystemExit):
        progress.report("API", "ready")
    progress.report("Carafe", "stopping")
    lines = [line.split(" s  ")[1].split() for line in terminal.getvalue().splitlines()]
    assert lines == [["API", "ready"], ["Carafe", "stopping"]]


def test_a_panel_in_which_it_is_interrupted_is_printed_once() -> None:
    terminal = Terminal()
    console = Console(file=terminal, width=20)
    with pytest.raises(SystemExit):
        say(console, Panel("event"))
    say(console, "stopping")
    assert terminal.getvalue().count("event") == 1
    assert terminal.getvalue().endswith("stopping\n")
