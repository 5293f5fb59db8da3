"""Loads the service and prepares its database and bus: `python -m carafe.development.preparation`.

A process of its own does this, since what a process has once loaded stays as it is.
"""

import subprocess
import sys
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from carafe.development.project import ServiceBroken, container, project
from carafe.infrastructure.errors import InfrastructureError

from .event_sources import triggered_functions


class Preparation(Struct, frozen=True):
    """What was prepared for the code.

    Attributes:
        triggered: the names of the functions that a queue, a schedule or the inbox triggers.
        left: what the database keeps although the code does not have it, a line each.
    """

    triggered: list[str]
    left: list[str]


def prepare() -> Preparation:
    """Prepare database and bus.

    Raises:
        InfrastructureError: one of them cannot be prepared.
    """
    left = container().prepare_database()
    container().prepare_bus()
    return Preparation(triggered_functions(project().app), [str(each) for each in left])


def prepare_apart(environment: Mapping[str, str]) -> Preparation:
    """Prepare, in a process of its own, what the code on the disk needs.

    Args:
        environment: of the process.

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
        return msgspec.json.decode(done.stdout.splitlines()[-1], type=Preparation)
    except (IndexError, msgspec.DecodeError):
        raise ServiceBroken("it ended the process that loads it") from None


def main() -> None:
    """Load and prepare the service, and print what was prepared, as JSON.

    Where something is wrong, print one line to stderr, and end with exit code 1.
    """
    try:
        project().require_sound()
        print(msgspec.json.encode(prepare()).decode())
    except (ServiceBroken, InfrastructureError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
