"""The functions of the library, for processes of their own: they have its names in LIBRARY."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chalice.app import CloudWatchEvent, SQSEvent

import carafe
from carafe.api.functions import BatchAnswer

from .places import FOUNDATION
from .reminding_library import Told, library_functions, library_of, told_by

NAMES = "LIBRARY"

APP = f"from {__name__} import bridge, consume, execute, functions, sweep\n"


def library_in(folder: Path, told: Told) -> Mapping[str, str]:
    """Make a service's folder of a library; return the environment that its functions need.

    Args:
        folder: empty.
        told: the library's contracts.
    """
    for marker in ("chalicelib", ".chalice"):
        (folder / marker).mkdir()
    (folder / "app.py").write_text(APP)
    name = told.opened.publisher()
    return {
        NAMES: f"{name} {told.blocked.publisher()} {told.sent.publisher()}",
        "SERVICE_NAME": name,
        "MONGO_DATABASE": name,
        "PYTHONPATH": str(FOUNDATION),
    }


Context = Any
"""Lambda's."""

if NAMES in os.environ:
    _told = told_by(*os.environ[NAMES].split())
    _declared = library_of(_told, _told.opened.publisher())
    _declared.given = carafe.Settings.read(os.environ, _told.opened.publisher())
    functions = library_functions(_declared, _told)


def bridge(event: dict[str, Any], context: Context) -> BatchAnswer:
    """Relay what is pending in the nudged documents."""
    return functions.relay_nudged(SQSEvent(event, context))


def sweep(event: dict[str, Any], context: Context) -> dict[str, int]:
    """Nudge the timers that are due, and relay what no nudge brought."""
    return functions.sweep_overdue(CloudWatchEvent(event, context))


def execute(event: dict[str, Any], context: Context) -> BatchAnswer:
    """Execute commands, and call the timers of nudged documents."""
    return functions.execute_queued(SQSEvent(event, context))


def consume(event: dict[str, Any], context: Context) -> dict[str, int]:
    """Handle events from the inbox."""
    return functions.consume_events(event, context)
