"""Watches what the application sends to MongoDB, and fails the test in which it is not portable."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

import pytest
from pymongo import monitoring
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from .places import FOUNDATION, ROOT
from .portable_commands import violations_of

APPLICATION = (f"{FOUNDATION / 'carafe'}/", f"{ROOT / 'chalicelib'}/", f"{ROOT / 'app.py'}")
# They start servers of their own, and administer them.
DEVELOPMENT = (f"{FOUNDATION / 'carafe/development/servers'}/",)
TESTS = (f"{FOUNDATION / 'tests'}/", f"{ROOT / 'tests'}/")


class CommandCheck(CommandListener):
    """Notes what is not portable in what the application sends; tests may send anything."""

    def __init__(self) -> None:
        self.violations: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        violations = list(violations_of(event.command_name, event.command))
        if violations and (sender := _sender()):
            self.violations += [f"{each}, sent by {sender}" for each in violations]

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Nothing to note."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Nothing to note."""


def _sender() -> str | None:
    """Return the line of the application that sends the present command; None if it was a test."""
    frame: FrameType | None = sys._getframe()  # noqa: SLF001 - there is no other way to ask
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(TESTS) and Path(name) != Path(__file__):
            return None
        if name.startswith(APPLICATION) and not name.startswith(DEVELOPMENT):
            return f"{Path(name).relative_to(ROOT)}:{frame.f_lineno}"
        frame = frame.f_back
    return None


check = CommandCheck()
monitoring.register(check)


@pytest.fixture(autouse=True)
def portable_commands() -> Iterator[CommandCheck]:
    """Fail a test if the application sent what MongoDB and Amazon DocumentDB do not both have."""
    yield check
    violations, check.violations = check.violations, []
    if violations:
        pytest.fail(
            "Outside what MongoDB 6 to 8 and Amazon DocumentDB have in common "
            "(tests/support/portable_commands.py):\n" + "\n".join(dict.fromkeys(violations)),
            pytrace=False,
        )
