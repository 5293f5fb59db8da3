"""Finds RabbitMQ and the Erlang that runs it."""

import threading
from dataclasses import dataclass
from pathlib import Path

from .debian_packages import fetch_debian_package
from .errors import MissingPart
from .process import Report

ADVICE = (
    "run `sudo apt-get install rabbitmq-server`, or set RABBITMQ_URL, or set EVENT_BUS_TYPE=base"
)


@dataclass(frozen=True)
class RabbitFiles:
    """The paths of a RabbitMQ installation.

    Attributes:
        erlang: the root of the Erlang installation.
        runtime: the folder of its programs.
        libraries: the folders with RabbitMQ's applications, and those missing in Erlang's root.
    """

    erlang: Path
    runtime: Path
    libraries: list[Path]


def find_rabbitmq(report: Report, cancelled: threading.Event) -> RabbitFiles:
    """Return the machine's RabbitMQ, or fetch one.

    Args:
        report: called if it must be fetched.
        cancelled: ends the fetching when it is set.

    Raises:
        MissingPart: there is none, and none could be fetched.
    """
    machine = Path("/")
    return _find([machine]) or _fetch(machine, report, cancelled)


def _fetch(machine: Path, report: Report, cancelled: threading.Event) -> RabbitFiles:
    root = fetch_debian_package("rabbitmq-server", ADVICE, report, cancelled)
    # The parts of Erlang that the machine already has were not fetched.
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
