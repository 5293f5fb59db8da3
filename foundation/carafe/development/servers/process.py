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
from dataclasses import dataclass
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


@dataclass(frozen=True)
class _Child:
    """A process that was started.

    Attributes:
        process: the process.
        output_start: where its output begins in the log, in bytes.
    """

    process: "subprocess.Popen[bytes]"
    output_start: int

    def kill(self) -> None:
        """Kill it, and wait for its end."""
        self.process.kill()
        self.process.wait()


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
        self._find_reason = find_reason
        self._pass_fds = pass_fds
        self._child: _Child | None = None
        self._successor: _Child | None = None
        self.cancelled = threading.Event()
        self.folder.mkdir(parents=True, exist_ok=True)
        end_orphan(self.folder)

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        process = self._child and self._child.process
        return process.pid if process and process.poll() is None else None

    def output(self) -> str:
        """Return what has come to the log since the child was started.

        Of a successor this includes the last lines of the one before, but not its first ones.
        """
        if self._child is None:
            return ""
        with self.log.open("rb") as log:
            log.seek(self._child.output_start)
            return log.read().decode(errors="replace")

    def is_listening_on(self, port: int) -> bool:
        """Return whether the child itself, and no other program, listens on a port."""
        pid = self.pid
        return pid is not None and is_listening(pid, port)

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the command in exactly this environment; its output goes to the log."""
        self.log.write_bytes(b"")
        self._become(_launcher.submit(self._launch, command, environment).result())

    def start_successor(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a command beside the child, whose log it shares; `succeed` puts it in its place.

        Its standard input ends at that moment, so that it can wait for it.
        """
        self.dismiss_successor()
        self._successor = _launcher.submit(
            self._launch, command, environment, subprocess.PIPE
        ).result()

    def succeed(self) -> None:
        """Stop the child, if one runs, and put the successor in its place."""
        successor, self._successor = self._successor, None
        self.stop()
        if successor is not None:
            self._become(successor)
            _end_input(successor)

    def dismiss_successor(self) -> None:
        """Kill the successor, if there is one."""
        if self._successor is not None:
            self._successor.kill()
            _end_input(self._successor)
            self._successor = None

    def _become(self, started: _Child) -> None:
        self._child = started
        (self.folder / "server.pid").write_text(str(started.process.pid))

    def _launch(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        standard_input: int = subprocess.DEVNULL,
    ) -> _Child:
        wrapped = [sys.executable, "-I", "-S", child.__file__, str(os.getpid()), *command]
        with self.log.open("ab") as log:
            output_start = log.tell()
            process = subprocess.Popen(  # noqa: S603 - our own command
                wrapped,
                env={**environment, FOLDER_VARIABLE: str(self.folder)},
                cwd=self.folder,
                stdin=standard_input,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=self._pass_fds,
            )
        return _Child(process, output_start)

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
        self._child.process.terminate()
        try:
            self._child.process.wait(grace_seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kill the child, as a crash would."""
        self.dismiss_successor()
        if self._child is not None:
            self._child.kill()

    def cancel(self) -> None:
        """Kill the child, and make a start in progress fail."""
        self.cancelled.set()
        self.kill()

    def _exit_description(self) -> str:
        code = self._child.process.returncode if self._child else 0
        return f"by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"

    def _failure(self, failure: str) -> ServerFailed:
        text = COLOURS.sub("", self.output())
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        reasons = (self._find_reason(line) for line in lines)
        last = lines[-1] if lines else "no output"
        reason = next((reason for reason in reasons if reason), last)
        message = f"{self.name} {failure}: {reason[:REASON_LENGTH]} (log: {self.log})"
        return PortTaken(message, self.name) if PORT_TAKEN.search(text) else ServerFailed(message)


def _end_input(successor: _Child) -> None:
    if successor.process.stdin is not None:
        successor.process.stdin.close()
