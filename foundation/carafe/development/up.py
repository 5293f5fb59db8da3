"""Everything on this machine, from nothing to the first event: `make run`."""

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
from rich.markup import escape
from rich.panel import Panel

from carafe.development.project import container, project

from .demo import demo_of
from .first_event import FirstEvent, OwnDemoNeeded, Place
from .local_environment import chosen_port, read_given, tell_other_commands
from .local_service import LocalService, queue_environment
from .servers.given import hosts_of
from .servers.own import own_servers
from .servers.stack import Stack

REVIVAL_SECONDS = 0.5

TO_BE_STARTED = {
    "MONGO_URI": "mongodb://started-here",
    "RABBITMQ_URL": "amqp://started-here",
    "NUDGE_QUEUE_URL": "http://started-here",
    "TOKEN_ISSUER": "http://started-here",
}
STARTED_HERE = "http://started-here"


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
    """Start all, cause a first event, and serve until interrupted.

    Args:
        once: end after the first event.
        console: where to tell about it.

    Raises:
        LocalServerError, BadSettings, DemoFailed: with one line that says what to do.
    """
    progress = Progress(console)
    given = read_given()
    # Before anything starts: what is given must be right; what is not will be added.
    here = project()
    servers = own_servers(here)
    to_be_started = TO_BE_STARTED | {each.variable: STARTED_HERE for each in servers}
    here.service.settings.read({**to_be_started, **given}, here.service.name)
    port = chosen_port(given)
    folder = here.root / ".local"
    with interruptible(), Stack(folder, given, servers, progress=progress.say) as stack:
        service: LocalService | None = None
        try:
            service = prepared_service(stack, given, port, progress)
            service.start()
            show_first_event(service, progress, required=once)
            if not once:
                show_addresses(service, stack, console)
                serve(service)
        finally:
            progress.say("Carafe", "stopping")
            if service is not None:
                service.stop()


def prepared_service(
    stack: Stack, given: Mapping[str, str], port: int, progress: Progress
) -> LocalService:
    """Return the service on the servers that run, once other commands can find them too."""
    addresses = {**stack.environment, "PORT": str(port)}
    os.environ.update({**given, **addresses})
    addresses |= queue_environment(stack.environment["AWS_ENDPOINT_URL"])
    os.environ.update(addresses)
    tell_other_commands(given, addresses)
    return LocalService(stack.folder, port, progress.say)


def show_first_event(service: LocalService, progress: Progress, *, required: bool) -> None:
    """Send a command and show its event as a consumer on the bus receives it.

    Args:
        service: runs already.
        progress: told what happens.
        required: a service whose examples do not suffice is not to be served without its event.

    Raises:
        DemoFailed: the service, or what it stands on, does not work.
    """
    place = Place.of(service.url, container().settings)
    demo = demo_of(project())
    try:
        done = demo.cause_first_event(
            place, container().bus, lambda message: progress.say("Demo", message)
        )
    except OwnDemoNeeded as error:
        if required:
            raise
        progress.say("Demo", escape(str(error)))
        return
    if done is None:
        return
    progress.say("Demo", f"its event was on the bus {done.milliseconds:.0f} ms later")
    progress.console.print(event_panel(done))


def event_panel(done: FirstEvent) -> Panel:
    """Return the event, readable."""
    title = f"{done.event['type']}, as a consumer receives it"
    return Panel(JSON(json.dumps(done.event)), title=title, title_align="left")


def show_addresses(service: LocalService, stack: Stack, console: Console) -> None:
    """Print where everything is, and a first request to copy."""
    header = "Authorization: Bearer $(.venv/bin/carafe token --subject maria)"
    console.print(f"API       {service.url}")
    console.print(f"Described {service.url}/openapi.json", soft_wrap=True)
    for variable, part in stack.names.items():
        if variable in stack.environment:
            where = hosts_of(stack.environment[variable])
            console.print(f"{part:<9} {where}  ({variable})", soft_wrap=True)
    console.print(
        f'Try       curl -s -H "{header}" {service.url}{demo_of(project()).example_path}',
        soft_wrap=True,
    )
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
    yield  # a block that raises ends the process: until then the handlers stay
    for number, handler in before.items():
        signal.signal(number, handler)
