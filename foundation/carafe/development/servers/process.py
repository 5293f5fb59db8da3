"""One server as a child process."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import child
from .errors import ServerFailed
from .leftovers import FOLDER_VARIABLE, end_leftover
from .listening import listens

POLL_SECONDS = 0.02
REASON_LENGTH = 300
COLOURS = re.compile(r"\x1b\[[\d;]*m")

# The kernel ends a child with the *thread* that forked it, so all are forked by one that lives as
# long as this process.
_launcher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="server-launcher")

Tell = Callable[[str], None]
"""Is told what takes long."""

Explain = Callable[[str], str | None]
"""Gives the reason of a failure that a log line tells, if it tells one."""


def silent(_message: str) -> None:
    """Tell nobody."""


def tells_nothing(_line: str) -> str | None:
    """Leave the reason to the log's last line, where Python has it."""
    return None


class ServerProcess:
    """A child with a log, a session of its own, and an end no later than this process's.

    Its own session keeps a terminal's Ctrl-C from it: the parent gets that alone, and stops its
    children in order.

    Args:
        name: what a person calls it: "MongoDB".
        folder: its own, made if missing; what an earlier run left running in it is ended.
        explain: finds the reason in a log line.

    Attributes:
        abandoned: set when it is no longer wanted: whatever a start waits for may look here.
    """

    def __init__(self, name: str, folder: Path, explain: Explain = tells_nothing) -> None:
        self.name = name
        self.folder = folder.resolve()
        self.log = self.folder / "server.log"
        self._explain = explain
        self._child: subprocess.Popen[bytes] | None = None
        self.abandoned = threading.Event()
        self.folder.mkdir(parents=True, exist_ok=True)
        end_leftover(self.folder)

    @property
    def pid(self) -> int | None:
        """The child's process id, while it runs."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def listens(self, port: int) -> bool:
        """Say whether the child itself, and no stranger, listens on a port."""
        pid = self.pid
        return pid is not None and listens(pid, port)

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the command with exactly this environment; its output goes to the log."""
        self._child = _launcher.submit(self._launch, command, environment).result()
        (self.folder / "server.pid").write_text(str(self._child.pid))

    def _launch(
        self, command: Sequence[str], environment: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        wrapped = [sys.executable, "-I", "-S", child.__file__, str(os.getpid()), *command]
        with self.log.open("wb") as log:
            return subprocess.Popen(  # noqa: S603 - our own command
                wrapped,
                env={**environment, FOLDER_VARIABLE: str(self.folder)},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait_until_ready(self, probe: Callable[[], bool], timeout_seconds: float) -> None:
        """Wait until the probe says yes.

        Raises:
            ServerFailed: the child ended, the time is over, or it was abandoned meanwhile.
        """
        deadline = time.monotonic() + timeout_seconds
        while True:
            ready = probe()
            if self.abandoned.is_set():
                self.kill()
                raise ServerFailed(f"{self.name} is no longer wanted")
            # Asked after the probe: a stranger on the same port may have answered in its place.
            if self.pid is None:
                raise ServerFailed(self._tell(f"ended while it started ({self._ending()})"))
            if ready:
                return
            if time.monotonic() > deadline:
                raise ServerFailed(self._tell(f"was not ready after {timeout_seconds:.0f} s"))
            time.sleep(POLL_SECONDS)

    def stop(self, grace_seconds: float = 15.0) -> None:
        """Ask the child to end, and after the grace period end it; does nothing without one."""
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the child at once, as a crash would."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def abandon(self) -> None:
        """End the child at once and for good, and a start that is under way as well."""
        self.abandoned.set()
        self.kill()

    def _ending(self) -> str:
        code = self._child.returncode if self._child else 0
        return f"by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def _tell(self, what: str) -> str:
        text = COLOURS.sub("", self.log.read_text(errors="replace"))
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        reasons = (self._explain(line) for line in lines)
        last = lines[-1] if lines else "it wrote nothing"
        reason = next((reason for reason in reasons if reason), last)
        return f"{self.name} {what}: {reason[:REASON_LENGTH]} (log: {self.log})"
