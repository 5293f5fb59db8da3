"""The packaged functions of a service, each in an execution environment of its own."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .environment import Environment, Function
from .stopwatch import COLD, THAWED, WARM, Stopwatch


class PackagedFunctions:
    """Invokes functions, and measures the time from event to answer.

    Args:
        functions: by their names in app.py.
        package: folder with the unpacked zips of the package, in folders of the same names.
        runtime: folder with the packages that Lambda provides.
        logs: folder for the functions' output.
        options: for the functions' Python.

    Attributes:
        environments: the execution environment of each function.
        stopwatch: the measured times.
    """

    def __init__(
        self,
        functions: Mapping[str, Function],
        package: Path,
        runtime: Path,
        logs: Path,
        options: Sequence[str] = (),
    ) -> None:
        self.stopwatch = Stopwatch()
        self.environments = {
            name: Environment(
                function, package / function.code, runtime, logs / f"{name}.log", options
            )
            for name, function in functions.items()
        }
        self._states = dict.fromkeys(functions, COLD)

    def invoke(self, name: str, event: object) -> Any:  # noqa: ANN401 - JSON
        """Invoke a function, and return its answer.

        Raises:
            TimedOut: it did not answer in time.
            RehearsalFailed: it raised, or its process ended.
        """
        state, self._states[name] = self._states[name], WARM
        with self.stopwatch.timing(name, state):
            return self.environments[name].invoke(event)

    def invoke_within(self, name: str, event: object, timeout_seconds: float) -> None:
        """Invoke a function with a shorter timeout, as `invoke`; its time is not measured."""
        self.environments[name].invoke(event, timeout_seconds)

    def mark_cold(self, name: str) -> None:
        """Count the next invocation of a function as a cold start."""
        self._states[name] = COLD

    def freeze_and_thaw(self, seconds: float) -> None:
        """Freeze every environment between two invocations."""
        for environment in self.environments.values():
            environment.freeze()
        time.sleep(seconds)
        for name, environment in self.environments.items():
            environment.thaw()
            self._states[name] = THAWED

    def processes(self) -> dict[str, int | None]:
        """Return the process id of each function."""
        return {name: each.pid for name, each in self.environments.items()}

    def end(self) -> None:
        """Kill all processes."""
        for environment in self.environments.values():
            environment.end()
