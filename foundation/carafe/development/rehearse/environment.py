"""An execution environment, as in Lambda: a process that runs one packaged function.

It can import the unpacked package, the packages that the runtime provides and the standard
library, and nothing else on this machine: a module missing from the package is missing here too.
"""

import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from carafe.development.deployment.package import CODE

from .errors import RehearsalFailed
from .runtime_api import Answer, RuntimeApi

POLL_SECONDS = 0.05
LONGEST_INIT_SECONDS = 10
TAIL_LENGTH = 300

RUN = """
import sys
sys.path[:0] = sys.argv[1:3]
from awslambdaric.lambda_runtime_client import LambdaRuntimeClient
from awslambdaric import bootstrap
bootstrap.run(sys.argv[3], LambdaRuntimeClient(sys.argv[4], False))
"""

# SIGKILL ends it with this process even while it is frozen, when no other signal would reach it.
END_WITH_PARENT = """
import ctypes, os, sys
ctypes.CDLL(None).prctl(1, 9)
os.execv(sys.argv[1], sys.argv[1:])
"""


class TimedOut(Exception):
    """The function did not answer in time, and its environment was killed."""


@dataclass(frozen=True)
class Function:
    """A packaged function.

    Attributes:
        name: in AWS.
        handler: `module.name`.
        timeout_seconds: the time after which its environment is killed.
        variables: its environment variables.
        code: the name of its zip in the package.
    """

    name: str
    handler: str
    timeout_seconds: float
    variables: Mapping[str, str]
    code: str = CODE


class Environment:
    """Runs a function, one invocation at a time, and starts its process when there is none.

    Args:
        function: the packaged function.
        package: folder with the unpacked package.
        runtime: folder with the packages that Lambda provides.
        log: file for its output.
        options: for Python.
    """

    def __init__(
        self,
        function: Function,
        package: Path,
        runtime: Path,
        log: Path,
        options: Sequence[str] = (),
    ) -> None:
        self.function = function
        self._package = package
        self._runtime = runtime
        self._options = options
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._api: RuntimeApi | None = None

    @property
    def pid(self) -> int | None:
        """The process id, while the process runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def invoke(self, event: object, timeout_seconds: float | None = None) -> Any:  # noqa: ANN401 - JSON
        """Invoke the function, and return its answer.

        Raises:
            TimedOut: it did not answer in time.
            RehearsalFailed: it raised, or its process ended.
        """
        if not self.pid or self._api is None:
            self._api = self._start()
        self._api.submit(event, timeout_seconds or self.function.timeout_seconds)
        outcome, answer = self._wait_for_answer(self._api)
        if outcome == "error":
            reason = f"{answer.get('errorType')}: {answer.get('errorMessage')}"
            raise RehearsalFailed(f"{self.function.name} failed: {reason[:TAIL_LENGTH]}")
        return answer

    def freeze(self) -> None:
        """Stop the process between two invocations, as Lambda does."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Resume the process."""
        self._signal(signal.SIGCONT)

    def end(self) -> None:
        """Kill the process; the next invocation is a cold start."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        if self._api is not None:
            self._api.shutdown()
            self._api.server_close()
            self._api = None

    def _start(self) -> RuntimeApi:
        self.end()
        api = RuntimeApi(self.function.name)
        folders = [str(self._package), str(self._runtime)]
        # -S, -E, -s: no packages of this machine; -B: the package is read-only.
        isolated = [sys.executable, *self._options, "-S", "-E", "-s", "-B", "-c", RUN, *folders]
        command = [sys.executable, "-I", "-S", "-c", END_WITH_PARENT, *isolated]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command
                [*command, self.function.handler, api.address],
                cwd=self._package,
                env={**self._variables(), "AWS_LAMBDA_RUNTIME_API": api.address},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        return api

    def _variables(self) -> dict[str, str]:
        return {
            "PATH": os.defpath,
            "LAMBDA_TASK_ROOT": str(self._package),
            "AWS_LAMBDA_FUNCTION_NAME": self.function.name,
            "_HANDLER": self.function.handler,
            **self.function.variables,
        }

    def _wait_for_answer(self, api: RuntimeApi) -> Answer:
        longest_init = time.time() + LONGEST_INIT_SECONDS
        while True:
            try:
                return api.answers.get(timeout=POLL_SECONDS)
            except queue.Empty:
                if self.pid is None:
                    raise RehearsalFailed(f"{self.function.name} ended: {self._tail()}") from None
                if time.time() > (api.deadline or longest_init):
                    self.end()
                    raise TimedOut(f"{self.function.name} did not answer in time") from None

    def _tail(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return lines[-1][:TAIL_LENGTH] if lines else "no output"

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is not None:
            os.kill(self.pid, number)
