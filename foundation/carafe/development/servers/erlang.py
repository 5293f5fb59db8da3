"""Finds RabbitMQ and the Erlang that runs it."""

import threading
from dataclasses import dataclass
from pathlib import Path

from .errors import MissingPart
from .packages import unpacked_debian_package
from .process import Tell

ADVICE = (
    "run `sudo apt-get install rabbitmq-server`, or set RABBITMQ_URL, or set EVENT_BUS_TYPE=base"
)


@dataclass(frozen=True)
class RabbitFiles:
    """Where the parts of a RabbitMQ lie.

    Attributes:
        erlang: the root of the Erlang installation.
        runtime: its folder of programs.
        libraries: the folders that hold RabbitMQ's applications, and those Erlang's root lacks.
    """

    erlang: Path
    runtime: Path
    libraries: list[Path]


def find_rabbitmq(tell: Tell, abandoned: threading.Event) -> RabbitFiles:
    """Find the machine's RabbitMQ, or fetch one.

    Args:
        tell: told when it must be fetched.
        abandoned: set it to end the fetching.

    Raises:
        MissingPart: there is none, and it could not be fetched.
    """
    machine = Path("/")
    return _find([machine]) or _fetched(machine, tell, abandoned)


def _fetched(machine: Path, tell: Tell, abandoned: threading.Event) -> RabbitFiles:
    root = unpacked_debian_package("rabbitmq-server", ADVICE, tell, abandoned)
    # What the machine already has of Erlang was not fetched again.
    files = _find([root, machine])
    if files is None:
        raise MissingPart(f"{root} holds no complete RabbitMQ: remove it, or {ADVICE}.")
    return files


def _find(roots: list[Path]) -> RabbitFiles | None:
    plugins = _matches(roots, "usr/lib/rabbitmq/lib/rabbitmq_server-*/plugins")
    runtimes = _matches(roots, "usr/lib/erlang/erts-*/bin")
    if not plugins or not runtimes:
        return None
    erlang = runtimes[0].parents[1]
    others = [path for path in _matches(roots, "usr/lib/erlang/lib") if path.parent != erlang]
    return RabbitFiles(erlang, runtimes[0], [plugins[0], *others])


def _matches(roots: list[Path], pattern: str) -> list[Path]:
    return [path for root in roots for path in sorted(root.glob(pattern))]
