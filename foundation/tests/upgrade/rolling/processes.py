"""The functions of a service as processes, of two versions side by side."""

import json
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from carafe.development.functions import STARTED
from carafe.development.servers.ports import choose_port
from carafe.testing.api_server import is_healthy
from carafe.testing.processes import wait_until

from .versions import Version

START_SECONDS = 60
END_SECONDS = 60

ERROR = '"level": "ERROR"'
PARKED_MESSAGE = "event parked"


class Role(NamedTuple):
    """What a process does, and with which version.

    Attributes:
        version: its version.
        function: the function that it feeds; none for the HTTP functions.
    """

    version: Version
    function: str = ""

    def __str__(self) -> str:
        return f"{self.version.name} {self.function or 'API'}"


def roles(version: Version, functions: Iterable[str]) -> list[Role]:
    """Return what serves a version's API, and feeds functions, each in a process as in Lambda."""
    return [Role(version), *(Role(version, each) for each in functions)]


class Processes:
    """The processes that run, and their logs.

    Args:
        folder: for the logs.
        settings: the environment of the service.
    """

    def __init__(self, folder: Path, settings: dict[str, str]) -> None:
        self._folder = folder
        self._settings = settings
        self._running: dict[Role, subprocess.Popen[bytes]] = {}
        self._logs: dict[Role, Path] = {}
        self.addresses: dict[str, str] = {}
        """Of the HTTP functions, by version; callers read it while it changes."""

    def replace(self, roles: Iterable[Role]) -> None:
        """Start what is missing, wait until it works, then end what is no longer meant to run."""
        wanted = set(roles)
        ports = {each: self._start(each) for each in sorted(wanted - {*self._running}, key=str)}
        for role, port in ports.items():
            self._wait_until_ready(role, port)
        self.stop(each for each in [*self._running] if each not in wanted)

    def stop(self, roles: Iterable[Role]) -> None:
        """End processes as a deployment does: what they have begun is finished."""
        ended = [(each, self._running.pop(each)) for each in roles]
        for role, process in ended:
            if not role.function:
                self.addresses = {
                    name: url for name, url in self.addresses.items() if name != role.version.name
                }
            process.terminate()
        for _, process in ended:
            process.wait(END_SECONDS)

    def stop_all(self) -> None:
        """End everything."""
        self.stop([*self._running])

    def errors(self) -> Iterator[str]:
        """Yield a sentence for each error that a process has logged, but for parked messages."""
        for log in sorted(self._folder.glob("*.log")):
            for line in log.read_text().splitlines(keepends=True):
                if ERROR not in line or not line.endswith("\n"):  # it is being written
                    continue
                entry = json.loads(line)
                if entry["message"] != PARKED_MESSAGE:
                    reason = entry.get("reason") or entry.get("error")
                    name = log.stem.rpartition(" ")[0]
                    yield f"{name} logged: {entry['message']} ({reason})"

    @property
    def workers(self) -> list[Role]:
        """The processes that run and are no API."""
        return [each for each in self._running if each.function]

    def _start(self, role: Role) -> int | None:
        port = None if role.function else choose_port()
        if port:
            command = ["carafe.development.api_server", "--port", str(port)]
        else:
            command = ["carafe.development.functions", role.function]
        self._logs[role] = self._folder / f"{role} {time.monotonic_ns()}.log"
        with self._logs[role].open("wb") as log:
            self._running[role] = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=role.version.service,
                env=role.version.environment(self._settings),
                stdout=log,
                stderr=log,
            )
        return port

    def _wait_until_ready(self, role: Role, port: int | None) -> None:
        process = self._running[role]
        url = f"http://127.0.0.1:{port}"

        def is_ready() -> bool:
            assert process.poll() is None, self._logs[role].read_text()[-4_000:]
            return is_healthy(url) if port else STARTED in self._logs[role].read_text()

        wait_until(is_ready, START_SECONDS)
        if port:
            self.addresses = {**self.addresses, role.version.name: url}
