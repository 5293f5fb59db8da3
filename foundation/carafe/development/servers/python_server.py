"""A server that is a Python module of ours."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from .ports import choose_port
from .probes import http_answers
from .process import ServerProcess, Tell, silent

START_SECONDS = 60.0


class PythonServer:
    """Runs `python -m MODULE --port PORT`, which serves HTTP on 127.0.0.1.

    Args:
        folder: its own, for the log; the servers of this kind keep nothing when they stop.
        port: the preferred one; another is taken if it is not free.

    Attributes:
        name: as people read it.
        module: that serves.
        variable: of the environment, where its address is given.
        usual_port: that clients of it expect on a developer's machine.
        probe_path: answered as soon as it is ready.
    """

    name: ClassVar[str]
    module: ClassVar[str]
    variable: ClassVar[str]
    usual_port: ClassVar[int]
    probe_path: ClassVar[str] = "/"

    def __init__(self, folder: Path, port: int | None = None) -> None:
        self.process = ServerProcess(self.name, folder)
        self.port = choose_port(port)

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, _tell: Tell = silent) -> None:
        """Start, and wait until it answers.

        Raises:
            ServerFailed: it ended, or was not ready in time.
        """
        # -P keeps the folder it runs in out of the import path, but for a service's own servers.
        command = [sys.executable, "-P", "-m", self.module, "--port", str(self.port)]
        self.process.start(command, {"PATH": os.defpath, **self._import_path()})
        self.process.wait_until_ready(self._is_ready, START_SECONDS)

    def stop(self) -> None:
        """End it."""
        self.process.stop()

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()

    def _import_path(self) -> Mapping[str, str]:
        home = self.module.partition(".")[0]
        if home == "carafe":
            return {}
        found = getattr(sys.modules.get(home), "__file__", None)
        return {"PYTHONPATH": str(Path(found).parents[1])} if found else {}

    def _is_ready(self) -> bool:
        return self.process.listens(self.port) and self._answers()

    def _answers(self) -> bool:
        return http_answers(self.url + self.probe_path)
