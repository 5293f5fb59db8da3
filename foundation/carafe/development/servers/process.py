"""A server as a child process."""

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
from .errors import PortTaken, ServerFailed
from .listening import is_listening
from .orphans import FOLDER_VARIABLE, end_orphan

POLL_SECONDS = 0.02
REASON_LENGTH = 300
COLOURS = re.compile(r"\x1b\[[\d;]*m")

PORT_TAKEN = re.compile(r"eaddrinuse|address already in use", re.IGNORECASE)
"""What programs in Erlang, C++ and Python write about a port."""

# The kernel ends a child with the *thread* that forked it, so one thread, which lives as long as
# this process, forks them all.
_launcher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="server-launcher")

Report = Callable[[str], None]
"""Receives a message about what takes long."""

FindReason = Callable[[str], str | None]
"""Returns the reason for a failure that a log line states; None if it states none."""


def no_report(_message: str) -> None:
    """Report nothing."""


def no_reason(_line: str) -> str | None:
    """Return None: the reason is the log's last line, as Python writes it."""
    return None


class ServerProcess:
    """A child process with a log and a session of its own; it ends with this process at the latest.

    In its own session it does not receive the terminal's Ctrl-C: the parent does, and stops its
    children in order.

    Args:
        name: the server's name for people, such as "MongoDB".
        folder: its own, created if missing; a process that an earlier run left in it is ended.
        find_reason: finds the reason for a failure in a log line.
        pass_fds: the files and sockets that it and its successors get, under the same numbers.

    Attributes:
        cancelled: set when the server is no longer needed; a start that waits checks it.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        find_reason: FindReason = no_reason,
        *,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.folder = folder.resolve()
        self.log = self.folder / "server.log"
        self._log_of_successor = self.folder / "successor.log"
        self._find_reason = find_reason
        self._pass_fds = pass_fds
        self._child: subprocess.Popen[bytes] | None = None
        self._successor: subprocess.Popen[bytes] | None = None
        self.cancelled = threading.Event()
        self.folder.mkdir(parents=True, exist_ok=True)
        end_orphan(self.folder)

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child and self._child.poll() is None else None

    def output(self) -> str:
        """Return what the child has written to its log so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def is_listening_on(self, port: int) -> bool:
        """Return whether the child itself, and no other program, listens on a port."""
        pid = self.pid
        return pid is not None and is_listening(pid, port)

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the command in exactly this environment; its output goes to the log."""
        launch = _launcher.submit(self._launch, command, environment, self.log, subprocess.DEVNULL)
        self._become(launch.result())

    def start_successor(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a command beside the child, with a log of its own; `succeed` puts it in its place.

        Its standard input ends at that moment, so that it can wait for it.
        """
        self.dismiss_successor()
        launch = _launcher.submit(
            self._launch, command, environment, self._log_of_successor, subprocess.PIPE
        )
        self._successor = launch.result()

    def succeed(self) -> None:
        """Stop the child, if one runs, and put the successor in its place.

        The child's log stays beside that of the successor, as `previous.log`.
        """
        successor, self._successor = self._successor, None
        self.stop()
        if successor is not None:
            if self.log.exists():
                self.log.replace(self.folder / "previous.log")
            self._log_of_successor.replace(self.log)
            self._become(successor)
            _end_input(successor)

    def dismiss_successor(self) -> None:
        """Kill the successor, if there is one."""
        if self._successor is not None:
            self._successor.kill()
            self._successor.wait()
            _end_input(self._successor)
            self._successor = None

    def _become(self, started: "subprocess.Popen[bytes]") -> None:
        self._child = started
        (self.folder / "server.pid").write_text(str(started.pid))

    def _launch(
        self, command: Sequence[str], environment: Mapping[str, str], log: Path, standard_input: int
    ) -> "subprocess.Popen[bytes]":
        wrapped = [sys.executable, "-I", "-S", child.__file__, str(os.getpid()), *command]
        log.write_bytes(b"")
        with log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - our own command
                wrapped,
                env={**environment, FOLDER_VARIABLE: str(self.folder)},
                cwd=self.folder,
                stdin=standard_input,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self._pass_fds,
            )

    def wait_until_ready(self, probe: Callable[[], bool], timeout_seconds: float) -> None:
        """Wait until the probe returns true.

        Raises:
            ServerFailed: the child ended, was not ready in time, or was cancelled.
            PortTaken: it did so because another program listens on its port.
        """
        deadline = time.monotonic() + timeout_seconds
        while True:
            ready = probe()
            if self.cancelled.is_set():
                self.kill()
                raise ServerFailed(f"{self.name} was cancelled")
            # Checked after the probe: another program on the same port may have answered instead.
            if self.pid is None:
                raise self._failure(f"ended while it started ({self._exit_description()})")
            if ready:
                return
            if time.monotonic() > deadline:
                raise self._failure(f"was not ready after {timeout_seconds:.0f} s")
            time.sleep(POLL_SECONDS)

    def stop(self, grace_seconds: float = 15.0) -> None:
        """Send SIGTERM, and SIGKILL after the grace period; without a child, do nothing."""
        self.dismiss_successor()
        if self._child is None:
            return
        self._child.terminate()
        try:
            self._child.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill the child, as a crash would."""
        self.dismiss_successor()
        if self._child is not None:
            self._child.kill()
            self._child.wait()

    def cancel(self) -> None:
        """Kill the child, and make a start in progress fail."""
        self.cancelled.set()
        self.kill()

    def _exit_description(self) -> str:
        code = self._child.returncode if self._child else 0
        return f"by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def _failure(self, failure: str) -> ServerFailed:
        text = COLOURS.sub("", self.output())
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        reasons = (self._find_reason(line) for line in lines)
        last = lines[-1] if lines else "no output"
        reason = next((reason for reason in reasons if reason), last)
        message = f"{self.name} {failure}: {reason[:REASON_LENGTH]} (log: {self.log})"
        return PortTaken(message, self.name) if PORT_TAKEN.search(text) else ServerFailed(message)


def _end_input(successor: "subprocess.Popen[bytes]") -> None:
    if successor.stdin is not None:
        successor.stdin.close()
