"""Processes on hosts, which can be killed and frozen, and the clusters that they form."""

import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from carafe.development.servers.process import ServerProcess

from .hosts import Host


class Node:
    """One node of a cluster.

    Args:
        host: where it runs.
        folder: its own.
        command: that runs it.
        environment: of the command.
        is_ready: returns whether it serves.
        start_seconds: it may take to.
    """

    def __init__(
        self,
        host: Host,
        folder: Path,
        command: Sequence[str],
        environment: Mapping[str, str],
        is_ready: Callable[[], bool],
        start_seconds: float,
    ) -> None:
        self.host = host
        self._process = ServerProcess(f"{folder.name} on {host.address}", folder)
        self._command = host.command(*command)
        self._environment = environment
        self._is_ready = is_ready
        self._start_seconds = start_seconds

    def launch(self) -> None:
        """Start it, without waiting."""
        self._process.start(self._command, self._environment)

    def wait_until_ready(self) -> None:
        """Wait until it serves."""
        self._process.wait_until_ready(self._is_ready, self._start_seconds)

    def start(self) -> None:
        """Start it, and wait until it serves."""
        self.launch()
        self.wait_until_ready()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        self._process.stop(30)

    def kill(self) -> None:
        """End it as a crash would."""
        self._process.kill()

    def freeze(self) -> None:
        """Stop it between two instructions; its connections stay open."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        pid = self._process.pid
        assert pid is not None, "it does not run"
        os.kill(pid, number)


class Cluster(ABC):
    """Several nodes of one server; `with` starts them, and ends them.

    Args:
        nodes: one on each host.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes

    @abstractmethod
    def start(self) -> None:
        """Start it, and wait until it serves."""

    @abstractmethod
    def wait_until_whole(self) -> None:
        """Wait until every node takes part in it."""

    def others(self, node: Node) -> list[Host]:
        """Return the hosts of the other nodes."""
        return [each.host for each in self.nodes if each is not node]

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        _error_type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        for node in self.nodes:
            node.kill()
