"""The service of app.py, running on this machine: HTTP functions, and the others fed."""

import functools
import os
import sys
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from carafe.development.project import container, project

from . import functions
from .event_sources import inbox_triggers, queue_triggers, schedule_triggers
from .queues import declare_queues, sqs_client
from .servers.given import unreachable
from .servers.process import ServerProcess

HOST = "127.0.0.1"
API = "API"
READY_SECONDS = 30.0

Say = Callable[[str, str], None]


class LocalService:
    """Runs the service until stopped; a process of it that ends is started again.

    The HTTP functions share a process; each other function has one of its own, as in Lambda.
    With the in-memory bus the others run in this process, where its consumers are.

    Args:
        folder: for logs and process ids.
        port: of the HTTP functions, on 127.0.0.1.
        say: told what happens, as part and message.
    """

    def __init__(self, folder: Path, port: int, say: Say) -> None:
        self.url = f"http://{HOST}:{port}"
        self._say = say
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
        self._say("Carafe", "indexes, exchanges and queues are there")
        for name in self._processes:
            self._start(name)
        self._threads = functions.start(self._in_this_process, self._stopping)
        for name, process in self._processes.items():
            probe = self._is_ready if name == API else functools.partial(is_fed, process)
            process.wait_until_ready(probe, READY_SECONDS)
            self._say(name, f"ready on {self.url}" if name == API else "ready")

    def revive(self) -> None:
        """Start again what ended by itself, as Lambda makes a new environment."""
        for name, process in self._processes.items():
            if process.pid is None:
                self._say(name, "ended, started again")
                self._start(name)

    def stop(self) -> None:
        """End everything at the same time; batches under way are finished."""
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
        if not self._processes[API].listens(self._port):
            return False
        try:
            answer = urllib3.request("GET", f"{self.url}/ready", timeout=5.0, retries=False)
        except urllib3.exceptions.HTTPError:
            return False
        return answer.status == 200  # noqa: PLR2004 - HTTP's own number


def is_fed(process: ServerProcess) -> bool:
    """Tell whether a process has begun to feed its functions."""
    return functions.STARTED in process.log.read_text()


def triggered_functions() -> list[str]:
    """Return the names of the functions that a queue or a schedule triggers."""
    queues = [each.function for each in queue_triggers(project().app)]
    schedules = [each.function for each in schedule_triggers(project().app)]
    return queues + schedules + [each.function for each in inbox_triggers(project().app)]


def queue_environment(endpoint_url: str) -> Mapping[str, str]:
    """Make the queues that trigger functions, and return the settings that name them.

    Raises:
        Unreachable: the server that AWS_ENDPOINT_URL names does not make them.
    """
    try:
        urls = declare_queues(sqs_client(endpoint_url), queue_triggers(project().app))
    except (BotoCoreError, ClientError) as failure:
        raise unreachable("AWS_ENDPOINT_URL", endpoint_url) from failure
    return {"NUDGE_QUEUE_URL": urls[nudge_queue(urls)]}


def nudge_queue(urls: Mapping[str, str]) -> str:
    """Return the name of the queue that triggers the bridge."""
    return next(name for name in urls if name.endswith("-nudges"))
