"""A server that is a Python module of ours."""

import os
import sys
from pathlib import Path
from typing import ClassVar

from .ports import choose_port
from .probes import http_answers
from .process import ServerProcess, Tell, silent

CHECKOUT = Path(__file__).parents[2]
START_SECONDS = 60.0


class PythonServer:
    """Runs `python -m MODULE --port PORT`, which serves HTTP on 127.0.0.1.

    Args:
        folder: its own, for the log; the servers of this kind keep nothing when they stop.
        port: the preferred one; another is taken if it is not free.
    """

    name: ClassVar[str]
    module: ClassVar[str]
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
        # -P keeps the folder it runs in out of the import path.
        command = [sys.executable, "-P", "-m", self.module, "--port", str(self.port)]
        self.process.start(command, {"PATH": os.defpath, "PYTHONPATH": str(CHECKOUT)})
        self.process.wait_until_ready(self._is_ready, START_SECONDS)

    def stop(self) -> None:
        """End it."""
        self.process.stop()

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()

    def _is_ready(self) -> bool:
        return self.process.listens(self.port) and self._answers()

    def _answers(self) -> bool:
        return http_answers(self.url + self.probe_path)
