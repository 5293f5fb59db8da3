"""Everything on this machine, from nothing to the first order's event: `make run`."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import FrameType

from rich.console import Console
from rich.json import JSON
from rich.panel import Panel

from chalicelib.infrastructure.bootstrap import container
from chalicelib.infrastructure.settings import Settings

from . import environment_file
from .demo import CUSTOMER, FirstOrder, place_first_order
from .local_service import PROJECT, LocalService, queue_environment
from .servers.errors import LocalServerError
from .servers.given import hosts_of
from .servers.ports import choose_port, is_free
from .servers.stack import VARIABLES, Stack

FOLDER = PROJECT / ".local"
ENVIRONMENT_FILE = PROJECT / ".env"
DEFAULT_PORT = 8000
REVIVAL_SECONDS = 0.5

TO_BE_STARTED = {
    "MONGO_URI": "mongodb://started-here",
    "RABBITMQ_URL": "amqp://started-here",
    "NUDGE_QUEUE_URL": "http://started-here",
    "PAYMENTS_URL": "http://started-here",
}

OPEN_SETTINGS = ("PORT", "SERVICE_NAME", "MONGO_DATABASE", "EVENT_BUS_TYPE")
"""Settings that never hold a password, and that other commands must share with the service."""


class Progress:
    """Tells a person what happens, a line for each thing done.

    Args:
        console: where to.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._began = time.monotonic()

    def say(self, part: str, message: str) -> None:
        """Tell what a part does."""
        seconds = time.monotonic() - self._began
        self.console.print(
            f"[dim]{seconds:5.1f} s[/dim]  [bold]{part:<10}[/bold] {message}", soft_wrap=True
        )


def up(*, once: bool, console: Console) -> None:
    """Start all, place the first order, and serve until interrupted.

    Args:
        once: end after the first order.
        console: where to tell about it.

    Raises:
        LocalServerError, BadSettings, DemoFailed: with one line that says what to do.
    """
    progress = Progress(console)
    given = {**environment_file.read_given(ENVIRONMENT_FILE), **os.environ}
    given = {name: value for name, value in given.items() if value}
    # Before anything starts: what is given must be right; what is not will be added.
    Settings.read({**TO_BE_STARTED, **given})
    port = chosen_port(given)
    with interruptible(), Stack(FOLDER, given, progress=progress.say) as stack:
        addresses = {**stack.environment, "PORT": str(port)}
        addresses |= queue_environment(stack.environment["AWS_ENDPOINT_URL"])
        os.environ.update(given | addresses)
        tell_other_commands(given, addresses)
        service = LocalService(FOLDER, port, progress.say)
        try:
            service.start()
            show_first_order(service, progress)
            if not once:
                show_addresses(service, stack, console)
                serve(service)
        finally:
            progress.say("Carafe", "stopping")
            service.stop()


def chosen_port(given: Mapping[str, str]) -> int:
    """Return the port that PORT names, or else a free one.

    Raises:
        LocalServerError: PORT is taken.
    """
    if "PORT" not in given:
        return choose_port(DEFAULT_PORT)
    port = int(given["PORT"])
    if not is_free(port):
        raise LocalServerError(
            f"PORT is {port}, but another program, or another `make run`, uses that port: "
            "end it, choose another, or remove PORT to have a free one chosen."
        )
    return port


def tell_other_commands(given: Mapping[str, str], addresses: Mapping[str, str]) -> None:
    """Write to .env what commands in another terminal need, and what is not there yet.

    An address that was given is not ours to write: it may hold a password.

    Raises:
        LocalServerError: the file cannot be written.
    """
    there = environment_file.read_given(ENVIRONMENT_FILE)
    settings = {name: given[name] for name in OPEN_SETTINGS if name in given}
    block = {name: value for name, value in addresses.items() if given.get(name) != value}
    block |= {name: value for name, value in settings.items() if there.get(name) != value}
    try:
        environment_file.write_block(ENVIRONMENT_FILE, block)
    except OSError as failure:
        what = f"{failure.strerror}: {ENVIRONMENT_FILE}"
        raise LocalServerError(f"{what}: make it writable, or remove it.") from failure


def show_first_order(service: LocalService, progress: Progress) -> None:
    """Place an order and show its event as a consumer on the bus receives it."""
    done = place_first_order(
        service.url, container().bus, lambda message: progress.say("Demo", message)
    )
    progress.say("Demo", f"its event was on the bus {done.milliseconds:.0f} ms later")
    progress.console.print(event_panel(done))


def event_panel(done: FirstOrder) -> Panel:
    """Return the event, readable."""
    title = f"{done.event['type']}, as a consumer receives it"
    return Panel(JSON(json.dumps(done.event)), title=title, title_align="left")


def show_addresses(service: LocalService, stack: Stack, console: Console) -> None:
    """Print where everything is, and a first request to copy."""
    header = next(f"{name}: {value}" for name, value in CUSTOMER.items())
    console.print(f"API       {service.url}  (description: {service.url}/openapi.json)")
    for variable, part in VARIABLES.items():
        if variable in stack.environment:
            where = hosts_of(stack.environment[variable])
            console.print(f"{part:<9} {where}  ({variable})", soft_wrap=True)
    console.print(f"Caller    {header}")
    console.print(f"Try       curl -s -H '{header}' {service.url}/orders", soft_wrap=True)
    console.print("Ctrl-C stops everything that was started here.")


def serve(service: LocalService) -> None:
    """Keep the service running until interrupted."""
    while True:
        time.sleep(REVIVAL_SECONDS)
        service.revive()


@contextmanager
def interruptible() -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM end the block in order, and no second one disturb that."""

    def interrupt(number: int, _frame: FrameType | None) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        sys.exit(128 + number)

    before = {each: signal.signal(each, interrupt) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
