"""The service of app.py, running on this machine: its HTTP functions, and the triggered ones."""

import contextlib
import functools
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import urllib3
from rich.markup import escape

from carafe.development.project import ServiceBroken, container, project
from carafe.infrastructure.aws.errors import AwsError

from . import api_server, functions
from .event_sources import queue_triggers, triggered_functions
from .preparation import prepare, prepare_apart
from .queues import COMMAND_FUNCTION, NUDGE_FUNCTION, QueueClient, declare_queues
from .servers.errors import PortTaken, ServerFailed
from .servers.external import unreachable_error
from .servers.ports import CONNECTIONS_AT_ONCE, listen
from .servers.process import ServerProcess
from .servers.server_group import Progress

HOST = "127.0.0.1"
API = "API"
READY_SECONDS = 30.0

PROBE_SECONDS = 5.0
"""How long an answer to whether the API is ready may take."""

BY_HAND = "`carafe database apply --allow-drop` does it"

WITHOUT_BROKER = (
    "EVENT_BUS_TYPE=base: nothing comes to the inbox, so there are no reactions to events, not "
    "even to own ones; processes wait until their deadlines"
)


class LocalService:
    """Runs the service until it is stopped, and restarts a process of it that ends.

    The HTTP functions share a process; each other function has its own, as in Lambda. With the
    in-memory bus, the others run in this process, where the bus is. The socket that HTTP clients
    connect to is this process's: while the process behind it is replaced, connections wait in it.

    Args:
        folder: the folder for logs and process ids.
        port: the port of the HTTP functions, on 127.0.0.1.
        progress: called with a part's name and a message.

    Raises:
        PortTaken: another program listens on the port.
    """

    def __init__(self, folder: Path, port: int, progress: Progress) -> None:
        self.url = f"http://{HOST}:{port}"
        self._progress = progress
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._in_this_process: list[str] = []
        self._is_broken = False
        self._folder = folder
        self._port = port
        self._listening = self._listen()
        triggered = triggered_functions(project().app)
        if os.environ.get("EVENT_BUS_TYPE") == "base":
            self._in_this_process, triggered = triggered, []
        self._processes = self._make_processes([API, *triggered])

    def start(self) -> None:
        """Prepare database and bus, start everything, and wait until it is ready.

        Raises:
            ServerFailed: a process ended, or was not ready in time.
        """
        left = prepare().left
        self._progress("Carafe", "indexes, exchanges and queues exist")
        self._report_left(left)
        if self._in_this_process and container().service.subscribed:
            self._progress("Carafe", WITHOUT_BROKER)
        for name in self._processes:
            self._start(name)
        self._threads = functions.start(self._in_this_process, self._stopping)
        for name in self._processes:
            self._wait_until_ready(name)
            self._progress(name, f"ready on {self.url}" if name == API else "ready")

    def reload(self) -> None:
        """Run the code that is on the disk now; if it cannot be loaded, the old one goes on."""
        began, api = time.monotonic(), self._processes[API]
        if self._in_this_process:
            self._progress("Carafe", "the code has changed: Ctrl-C and `make run` load it")
            return
        try:
            # The API loads the new code meanwhile, and answers as soon as the old one is gone.
            api.start_successor(self._command(API, "--standby"), self._environment())
            preparation = prepare_apart(self._environment())
            self._report_left(preparation.left)
            self._replace(preparation.triggered)
        except ServiceBroken as fault:
            self._is_broken |= api.pid is None
            self._end_reload()
            runs = "nothing runs" if self._is_broken else "the old one still runs"
            self._progress("Carafe", escape(f"the new code cannot be loaded, {runs}: {fault}"))
        except ServerFailed as failure:
            self._is_broken = True
            self._end_reload()
            self._progress("Carafe", escape(f"the new code does not run: {failure}"))
        else:
            self._is_broken = False
            self._progress("Carafe", f"the new code runs, {time.monotonic() - began:.1f} s later")

    def revive(self) -> None:
        """Restart the processes that have ended, as Lambda creates new environments."""
        if self._is_broken:
            self._refuse_if_nobody_serves()
            return
        for name, process in self._processes.items():
            if process.pid is None:
                self._progress(name, "ended, restarted")
                self._start(name)

    def stop(self) -> None:
        """Stop all processes at the same time; current batches are finished."""
        self._stopping.set()
        self._listening.close()
        run_together([each.stop for each in self._processes.values()], self._stopping)
        for thread in self._threads:
            thread.join()

    def _report_left(self, changes: Iterable[str]) -> None:
        """Say what the database keeps of other code, which may be newer, or was tried here."""
        for each in changes:
            self._progress("MongoDB", escape(f"left: {each} ({BY_HAND})"))

    def _make_processes(self, names: Iterable[str]) -> dict[str, ServerProcess]:
        inherited = {API: [self._listening.fileno()]}
        return {
            name: ServerProcess(name, self._folder / name.lower(), pass_fds=inherited.get(name, ()))
            for name in names
        }

    def _replace(self, triggered: Sequence[str]) -> None:
        """Replace all processes; the API does not wait for a function's last batch."""
        for each in {*self._processes} - {API, *triggered}:
            self._processes.pop(each).stop()
        self._processes |= self._make_processes({*triggered} - {*self._processes})
        restarts = [functools.partial(self._restart, each) for each in self._processes]
        run_together(restarts, self._stopping)

    def _end_reload(self) -> None:
        """Give up what a reload has begun that failed."""
        self._processes[API].dismiss_successor()
        self._refuse_if_nobody_serves()

    def _start(self, name: str) -> None:
        if name == API:
            self._accept_again()
        self._processes[name].start(self._command(name), self._environment())

    def _listen(self) -> socket.socket:
        with self._port_taken():
            return listen(self._port)

    def _accept_again(self) -> None:
        """Let connections wait for the API, after a time in which they were refused as well."""
        with self._port_taken():
            self._listening.listen(CONNECTIONS_AT_ONCE)

    @contextlib.contextmanager
    def _port_taken(self) -> Iterator[None]:
        """Raise a `PortTaken` if the port turns out to be another program's."""
        try:
            yield
        except OSError as failure:
            message = f"another program was faster to take port {self._port}: start again"
            raise PortTaken(message, API) from failure

    def _refuse_if_nobody_serves(self) -> None:
        """Refuse connections while there is no API, so that no client waits for nobody's answer."""
        # A second shutdown would last: the socket could never listen again.
        is_listening = self._listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        if is_listening and self._processes[API].pid is None:
            self._listening.shutdown(socket.SHUT_RDWR)

    def _command(self, name: str, *options: str) -> list[str]:
        if name == API:
            listening = str(self._listening.fileno())
            command = ["carafe.development.api_server", "--fd", listening, *options]
        else:
            command = ["carafe.development.functions", name]
        return [sys.executable, "-m", *command]

    def _restart(self, name: str) -> None:
        """Restart a process; its current batch is finished."""
        if name == API:
            self._accept_again()
            self._processes[name].succeed()
        else:
            self._processes[name].stop()
            self._start(name)
        self._wait_until_ready(name)

    def _wait_until_ready(self, name: str) -> None:
        process = self._processes[name]
        probe = self._is_ready if name == API else functools.partial(is_feeding, process)
        process.wait_until_ready(lambda: self._stopping.is_set() or probe(), READY_SECONDS)

    def _environment(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": str(project().root)}

    def _is_ready(self) -> bool:
        if api_server.SERVED not in self._processes[API].output():
            return False
        try:
            answer = urllib3.request(
                "GET", f"{self.url}/ready", timeout=PROBE_SECONDS, retries=False
            )
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200  # noqa: PLR2004 - HTTP's own number


def run_together(tasks: Sequence[Callable[[], object]], stopping: threading.Event) -> None:
    """Run tasks at the same time, all of them even if one fails.

    Args:
        tasks: what to run.
        stopping: is set if Ctrl-C comes meanwhile. Tasks are finished then as well: what they
            start would otherwise be started when everything has been stopped.
    """
    pool = ThreadPoolExecutor(len(tasks))
    try:
        running = [pool.submit(each) for each in tasks]
        wait(running)
    except BaseException:
        stopping.set()
        raise
    finally:
        pool.shutdown()
    for each in running:
        each.result()


def is_feeding(process: ServerProcess) -> bool:
    """Return whether a process has started to feed its functions."""
    return functions.STARTED in process.output()


def queue_environment(endpoint_url: str) -> Mapping[str, str]:
    """Create the queues that trigger functions, and return the settings that name them.

    Raises:
        Unreachable: the server at AWS_ENDPOINT_URL cannot create them.
    """
    try:
        urls = declare_queues(QueueClient(endpoint_url), queue_triggers(project().app))
    except AwsError as failure:
        raise unreachable_error("AWS_ENDPOINT_URL", endpoint_url) from failure
    return {
        "NUDGE_QUEUE_URL": urls[queue_of(NUDGE_FUNCTION)],
        "COMMAND_QUEUE_URL": urls[queue_of(COMMAND_FUNCTION)],
    }


def queue_of(function: str) -> str:
    """Return the name of the queue that triggers a function."""
    return next(each.queue for each in queue_triggers(project().app) if each.function == function)
