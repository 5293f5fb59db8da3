"""Checks several servers at the same time, then starts others; stops all of these."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from functools import partial

from .errors import PortTaken
from .external import require_reachable
from .mongodb import MongoServer
from .python_server import PythonServer
from .rabbitmq import RabbitServer

Progress = Callable[[str, str], None]
"""Receives the name of a part, and a message about it."""

Server = MongoServer | RabbitServer | PythonServer


def no_progress(_part: str, _message: str) -> None:
    """Report nothing."""


class ServerGroup:
    """Local servers to start, and external ones that must be reachable.

    Args:
        servers: the local ones.
        external: the addresses of the external ones, by variable.
        names: of the external ones, by variable.
        progress: called with each message, one call at a time.
    """

    def __init__(
        self,
        servers: Sequence[Server],
        external: Mapping[str, str],
        names: Mapping[str, str],
        progress: Progress = no_progress,
    ) -> None:
        self._servers = servers
        self._external = external
        self._names = names
        self._progress = progress
        self._progress_lock = threading.Lock()

    def start(self) -> None:
        """Check the external servers, then start the local ones; the first failure ends it.

        A start takes seconds, and much of the processor: a wrong address is told before one.

        Raises:
            LocalServerError: a program is missing, a server failed or is unreachable.
        """
        with self._pool() as pool:
            try:
                _finish([pool.submit(self._check, variable) for variable in self._external])
                _finish([pool.submit(self._start_server, server) for server in self._servers])
            except BaseException as error:
                if not isinstance(error, PortTaken):  # they go on, on other ports
                    self._report("Carafe", "stopping")
                for server in self._servers:
                    # RabbitMQ ignores a request to end while it starts.
                    server.process.cancel()
                raise

    def stop(self) -> None:
        """Stop the local servers, even if one of them fails to stop."""
        with self._pool() as pool:
            stops = [pool.submit(server.stop) for server in self._servers]
        for stop in stops:
            stop.result()

    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(max(1, len(self._servers) + len(self._external)))

    def _start_server(self, server: Server) -> None:
        self._report(server.name, "starting")
        began = time.monotonic()
        server.start(partial(self._report, server.name))
        seconds = time.monotonic() - began
        self._report(server.name, f"ready on 127.0.0.1:{server.port} after {seconds:.1f} s")

    def _check(self, variable: str) -> None:
        name = self._names[variable]
        require_reachable(variable, self._external[variable], name)
        self._report(name, f"already running at the address in {variable}")

    def _report(self, part: str, message: str) -> None:
        with self._progress_lock:
            self._progress(part, message)


def _finish(tasks: Sequence[Future[None]]) -> None:
    """Wait until all have ended, or one has failed.

    Raises:
        LocalServerError: of the one that failed.
    """
    for task in wait(tasks, return_when=FIRST_EXCEPTION).done:
        task.result()
