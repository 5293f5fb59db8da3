"""Loads the service and prepares its database and bus: `python -m carafe.development.preparation`.

A process of its own does this, since what a process has once loaded stays as it is.
"""

import json
import subprocess
import sys
from collections.abc import Mapping

from carafe.development.project import ServiceBroken, container, project
from carafe.infrastructure.errors import InfrastructureError

from .event_sources import triggered_functions


def prepare_apart(environment: Mapping[str, str]) -> list[str]:
    """Prepare, in a process of its own, what the code on the disk needs.

    Args:
        environment: of the process.

    Returns:
        The names of the functions that a queue, a schedule or the inbox triggers.

    Raises:
        ServiceBroken: the code cannot be loaded, or its database or bus not be prepared.
    """
    command = [sys.executable, "-m", "carafe.development.preparation"]
    done = subprocess.run(  # noqa: S603 - our own command
        command,
        env=environment,
        stdin=subprocess.DEVNULL,  # a breakpoint in it waits for nobody
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ServiceBroken((done.stderr.strip().splitlines() or ["it ended"])[-1])
    try:
        functions: list[str] = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise ServiceBroken("it ended the process that loads it") from None
    return functions


def main() -> None:
    """Prepare, and print the names of the functions as a list in JSON.

    Where something is wrong, print one line to stderr, and end with exit code 1.
    """
    try:
        project().require_sound()
        container().prepare_database()
        container().prepare_bus()
        print(json.dumps(triggered_functions(project().app)))
    except (ServiceBroken, InfrastructureError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
