"""A terminal, into which commands are typed one after the other."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

SECONDS = 1_200
ENDING_SECONDS = 60

ENDED = "\x04ended"
"""What a line begins with that tells a command's exit code."""


class Terminal:
    """A shell that keeps its folder and its variables from one command to the next.

    Args:
        folder: where it begins.
        environment: of its commands.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        # A group of its own, which `^C` reaches whole; the shell itself goes on after one.
        self._shell = subprocess.Popen(
            # Who starts the tests in the background has them ignore Ctrl-C, and their children too.
            ["/usr/bin/env", "--default-signal=INT", "/bin/bash", "--noprofile", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._lines: list[str] = []
        self._read = 0
        self._codes: list[int] = []
        self._awaited_codes = 0
        self._has_ended = False
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read_all, daemon=True)
        self._reader.start()
        self._say("trap : INT")

    def folder(self) -> Path:
        """Return the folder in which the next command runs."""
        return Path(f"/proc/{self._shell.pid}/cwd").resolve()

    def type(self, command: str) -> None:
        """Type a command, and do not wait for its end."""
        self._awaited_codes += 1
        self._say(f"{{ {command}\n}} </dev/null; printf '\\n{ENDED} %d\\n' $?")

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.killpg(self._shell.pid, signal.SIGINT)

    def wait_for_end(self) -> int:
        """Wait until what was typed last has ended, and return its exit code.

        Raises:
            TimeoutError: it goes on for twenty minutes.
        """
        if not self._wait_until(self._is_idle):
            raise TimeoutError(f"a command does not end:\n{self.unread()}")
        return self._codes[-1]

    def wait_for_line(self, pattern: re.Pattern[str], *, later: bool) -> bool:
        """Return whether a line is printed, after those that were waited for before.

        It is waited for as long as a command runs, and for twenty minutes at most.

        Args:
            pattern: of the whole line.
            later: others may be printed before it. Empty ones always may.
        """

        def is_decided() -> bool:
            is_other = not later and bool(self.unread())
            return is_other or self._find(pattern) is not None or self._is_idle()

        self._wait_until(is_decided)
        found = self._find(pattern)
        if found is None or (not later and any(map(str.strip, self._lines[self._read : found]))):
            return False
        self._read = found + 1
        return True

    def unread(self) -> str:
        """Return what was printed after the last line that was waited for, without its edges."""
        return "\n".join(self._lines[self._read :]).strip()

    def skip_unread(self) -> None:
        """Go on behind what was printed so far."""
        self._read = len(self._lines)

    def close(self) -> None:
        """End what runs here, and the shell."""
        if not self._is_idle() and self._shell.poll() is None:
            self.interrupt()
            self._wait_until(self._is_idle, ENDING_SECONDS)
        stdin, stdout = self._shell.stdin, self._shell.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.close()
        try:
            self._shell.wait(ENDING_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._shell.pid, signal.SIGKILL)
            self._shell.wait()
        self._reader.join(ENDING_SECONDS)
        stdout.close()

    def _say(self, text: str) -> None:
        stdin = self._shell.stdin
        assert stdin is not None
        stdin.write(f"{text}\n")
        stdin.flush()

    def _read_all(self) -> None:
        stdout = self._shell.stdout
        assert stdout is not None
        for line in stdout:
            with self._news:
                if line.startswith(ENDED):
                    self._codes.append(int(line.split()[-1]))
                else:
                    self._lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._has_ended = True
            self._news.notify_all()

    def _is_idle(self) -> bool:
        return len(self._codes) >= self._awaited_codes

    def _find(self, pattern: re.Pattern[str]) -> int | None:
        lines = enumerate(self._lines[self._read :], self._read)
        return next((index for index, line in lines if pattern.fullmatch(line)), None)

    def _wait_until(self, is_so: Callable[[], bool], seconds: float = SECONDS) -> bool:
        with self._news:
            self._news.wait_for(lambda: is_so() or self._has_ended, seconds)
            return is_so()
