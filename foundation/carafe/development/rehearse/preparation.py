"""Database and broker, prepared by the packaged function `migrate`, as at each deployment."""

from typing import Any

from carafe.development.event_sources import MIGRATE
from carafe.infrastructure.container import Container

from .errors import RehearsalFailed
from .packaged_functions import PackagedFunctions

COMMANDS = (("database", "apply"), ("bus", "declare"))


def prepare(functions: PackagedFunctions, service: Container[Any]) -> None:
    """Create collections, indexes, exchanges and queues.

    Args:
        functions: the packaged functions.
        service: does it, where app.py is of an earlier release and has no `migrate`.

    Raises:
        RehearsalFailed: a command failed.
    """
    if MIGRATE not in functions.environments:
        service.prepare_database()
        service.prepare_bus()
        return
    for words in COMMANDS:
        answer = functions.invoke(MIGRATE, {"command": [*words], "by": "rehearsal"})
        if answer["exit_code"] != 0:
            command, errors = " ".join(words), answer["errors"].strip()
            raise RehearsalFailed(f"`carafe {command}` failed in {MIGRATE}: {errors}")
