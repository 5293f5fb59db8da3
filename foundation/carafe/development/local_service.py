"""The service of app.py, running on this machine: its HTTP functions, and the triggered ones."""

import functools
import os
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import urllib3

from carafe.development.project import container, project

from . import functions
from .event_sources import inbox_triggers, queue_triggers, schedule_triggers
from .queues import COMMAND_FUNCTION, NUDGE_FUNCTION, declare_queues, sqs_client
from .sdk_errors import SDK_ERRORS
from .servers.external import unreachable_error
from .servers.process import ServerProcess
from .servers.server_group import Progress

HOST = "127.0.0.1"
API = "API"
READY_SECONDS = 30.0

WITHOUT_BROKER = (
    "EVENT_BUS_TYPE=base: nothing comes to the inbox, so there are no reactions to events, not "
    "even to own ones; processes wait until their deadlines"
)


class LocalService:
    """Runs the service until it is stopped, and restarts a process of it that ends.

    The HTTP functions share a process; each other function has its own, as in Lambda. With the
    in-memory bus, the others run in this process, where the bus is.

    Args:
        folder: the folder for logs and process ids.
        port: the port of the HTTP functions, on 127.0.0.1.
        progress: called with a part's name and a message.
    """

    def __init__(self, folder: Path, port: int, progress: Progress) -> None:
        self.url = f"http://{HOST}:{port}"
        self._progress = progress
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._in_this_process: list[str] = []
        self._port = port
        self._commands = {API: ["carafe.development.api_server", "--port", str(port)]}
        if os.environ.get("EVENT_BUS_TYPE") == "base":
            self._in_this_process = triggered_functions()
        else:
            self._commands |= {
                each: ["carafe.development.functions", each] for each in triggered_functions()
            }
        self._processes = {
            name: ServerProcess(name, folder / name.lower()) for name in self._commands
        }

    def start(self) -> None:
        """Prepare database and bus, start everything, and wait until it is ready.

        Raises:
            ServerFailed: a process ended, or was not ready in time.
        """
        container().prepare_database()
        container().prepare_bus()
        self._progress("Carafe", "indexes, exchanges and queues exist")
        if self._in_this_process and container().service.subscribed:
            self._progress("Carafe", WITHOUT_BROKER)
        for name in self._processes:
            self._start(name)
        self._threads = functions.start(self._in_this_process, self._stopping)
        for name, process in self._processes.items():
            probe = self._is_ready if name == API else functools.partial(is_feeding, process)
            process.wait_until_ready(probe, READY_SECONDS)
            self._progress(name, f"ready on {self.url}" if name == API else "ready")

    def revive(self) -> None:
        """Restart the processes that have ended, as Lambda creates new environments."""
        for name, process in self._processes.items():
            if process.pid is None:
                self._progress(name, "ended, restarted")
                self._start(name)

    def stop(self) -> None:
        """Stop all processes at the same time; current batches are finished."""
        self._stopping.set()
        with ThreadPoolExecutor(len(self._processes)) as pool:
            stops = [pool.submit(process.stop) for process in self._processes.values()]
        for stop in stops:
            stop.result()
        for thread in self._threads:
            thread.join()

    def _start(self, name: str) -> None:
        command = [sys.executable, "-m", *self._commands[name]]
        self._processes[name].start(command, {**os.environ, "PYTHONPATH": str(project().root)})

    def _is_ready(self) -> bool:
        if not self._processes[API].is_listening_on(self._port):
            return False
        try:
            answer = urllib3.request("GET", f"{self.url}/ready", timeout=5.0, retries=False)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200  # noqa: PLR2004 - HTTP's own number


def is_feeding(process: ServerProcess) -> bool:
    """Return whether a process has started to feed its functions."""
    return functions.STARTED in process.log.read_text()


def triggered_functions() -> list[str]:
    """Return the names of the functions that a queue, a schedule or the inbox triggers."""
    queues = [each.function for each in queue_triggers(project().app)]
    schedules = [each.function for each in schedule_triggers(project().app)]
    return queues + schedules + [each.function for each in inbox_triggers(project().app)]


def queue_environment(endpoint_url: str) -> Mapping[str, str]:
    """Create the queues that trigger functions, and return the settings that name them.

    Raises:
        Unreachable: the server at AWS_ENDPOINT_URL cannot create them.
    """
    try:
        urls = declare_queues(sqs_client(endpoint_url), queue_triggers(project().app))
    except SDK_ERRORS as failure:
        raise unreachable_error("AWS_ENDPOINT_URL", endpoint_url) from failure
    return {
        "NUDGE_QUEUE_URL": urls[queue_of(NUDGE_FUNCTION)],
        "COMMAND_QUEUE_URL": urls[queue_of(COMMAND_FUNCTION)],
    }


def queue_of(function: str) -> str:
    """Return the name of the queue that triggers a function."""
    return next(each.queue for each in queue_triggers(project().app) if each.function == function)
