"""A server that is a Python module."""

import inspect
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from .ports import choose_port
from .probes import is_http_reachable
from .process import Report, ServerProcess, no_report

START_SECONDS = 60.0


class PythonServer:
    """Runs `python -m MODULE --port PORT`, which serves HTTP on 127.0.0.1.

    Args:
        folder: its own, for the log and its files.
        port: the preferred one; if it is not free, another one is used.

    Attributes:
        name: the server's name for people.
        module: the module to run.
        variable: the environment variable that holds its address.
        usual_port: the port that its clients expect on a developer's machine.
        probe_path: a path that answers as soon as the server is ready.
        variables: further ones for the environment of its process.
    """

    name: ClassVar[str]
    module: ClassVar[str]
    variable: ClassVar[str]
    usual_port: ClassVar[int]
    probe_path: ClassVar[str] = "/"

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.process = ServerProcess(self.name, folder)
        self.port = choose_port(port)
        self.variables: dict[str, str] = {}

    @property
    def url(self) -> str:
        """The address for clients."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, _report: Report = no_report) -> None:
        """Start it, and wait until it answers.

        Raises:
            ServerFailed: it ended, or was not ready in time.
        """
        # -P keeps the working directory out of the import path.
        command = [sys.executable, "-P", "-m", self.module, "--port", str(self.port)]
        self.process.start(command, {"PATH": os.defpath, **self.variables, **self._import_path()})
        self.process.wait_until_ready(self._is_ready, START_SECONDS)

    def stop(self) -> None:
        """Stop it."""
        self.process.stop()

    def kill(self) -> None:
        """Kill it, as a crash would."""
        self.process.kill()

    def _import_path(self) -> Mapping[str, str]:
        """Return the PYTHONPATH of a service's own server: the tree that its class is from."""
        if self.module.partition(".")[0] == "carafe":
            return {}
        depth = type(self).__module__.count(".")
        return {"PYTHONPATH": str(Path(inspect.getfile(type(self))).parents[depth])}

    def _is_ready(self) -> bool:
        return self.process.is_listening_on(self.port) and self._is_reachable()

    def _is_reachable(self) -> bool:
        return is_http_reachable(self.url + self.probe_path)
