"""`carafe up` and `make run`: starts the servers and the service, and shows a first event."""

import json
import os
import time
from collections.abc import Mapping

from rich.console import Console
from rich.json import JSON
from rich.markup import escape
from rich.panel import Panel

from carafe.development.project import container, project

from .demo import OPEN_PATH, demo_of
from .first_event import FirstEvent, OwnDemoNeeded, Place
from .interruption import interruptible
from .local_environment import choose_service_port, read_user_settings, write_addresses
from .local_service import LocalService, queue_environment
from .servers.declared import declared_servers
from .servers.external import hosts_of
from .servers.stack import Stack
from .source_watch import SourceWatch

LOOK_SECONDS = 0.25
"""Between two looks at the processes, and at the code."""

PLACEHOLDERS = {
    "MONGO_URI": "mongodb://started-here",
    "RABBITMQ_URL": "amqp://started-here",
    "NUDGE_QUEUE_URL": "http://started-here",
    "COMMAND_QUEUE_URL": "http://started-here",
    "TOKEN_ISSUER": "http://started-here",
}
STARTED_HERE = "http://started-here"


class Progress:
    """Prints progress, a line for each step.

    Args:
        console: the console to print to.
    """

    def __init__(self, console: Console) -> None:
        self.console = console
        self._began = time.monotonic()

    def report(self, part: str, message: str) -> None:
        """Print a message about a part."""
        seconds = time.monotonic() - self._began
        say(self.console, f"[dim]{seconds:5.1f} s[/dim]  [bold]{part:<10}[/bold] {message}")


def say(console: Console, what: str | Panel) -> None:
    """Print once, even if Ctrl-C comes meanwhile.

    What rich was interrupted in, it prints again with the next line.
    """
    with console.capture() as capture:
        console.print(what, soft_wrap=isinstance(what, str))
    console.file.write(capture.get())
    console.file.flush()


def up(*, once: bool, console: Console) -> None:
    """Start all, cause a first event, and serve until interrupted.

    Args:
        once: end after the first event.
        console: the console for progress.

    Raises:
        LocalServerError, BadSettings, ServiceBroken, DemoFailed: with a line that says what to do.
    """
    progress = Progress(console)
    settings = read_user_settings()
    # The settings are checked before anything starts; placeholders stand for missing addresses.
    current_project = project()
    servers = declared_servers(current_project)
    placeholders = PLACEHOLDERS | {each.variable: STARTED_HERE for each in servers}
    current_project.service.settings.read(
        {**placeholders, **settings}, current_project.service.name
    )
    source = SourceWatch(current_project.root)
    current_project.require_sound()
    choose_service_port(settings)  # or an error, before anything starts
    folder = current_project.root / ".local"
    with interruptible(), Stack(folder, settings, servers, progress=progress.report) as stack:
        service: LocalService | None = None
        try:
            service = prepare_service(stack, settings, progress)
            service.start()
            show_first_event(service, progress, required=once)
            if not once:
                show_addresses(service, stack, console)
                serve(service, source)
        finally:
            progress.report("Carafe", "stopping")
            if service is not None:
                service.stop()


def prepare_service(stack: Stack, settings: Mapping[str, str], progress: Progress) -> LocalService:
    """Return the service on the running servers, whose addresses other commands then find.

    Its port is chosen only now, since the servers may have taken half a minute to start.
    """
    port = choose_service_port(settings)
    addresses = {**stack.environment, "PORT": str(port)}
    os.environ.update({**settings, **addresses})
    addresses |= queue_environment(stack.environment["AWS_ENDPOINT_URL"])
    os.environ.update(addresses)
    write_addresses(settings, addresses)
    return LocalService(stack.folder, port, progress.report)


def show_first_event(service: LocalService, progress: Progress, *, required: bool) -> None:
    """Send a command, and show its event as a consumer on the bus receives it.

    Args:
        service: the running service.
        progress: reports the steps.
        required: fail if the service's examples cause no event.

    Raises:
        DemoFailed: the service or one of its servers does not work.
    """
    place = Place.of(service.url, container().settings)
    demo = demo_of(project())
    try:
        first_event = demo.cause_first_event(
            place, container().bus, lambda message: progress.report("Demo", message)
        )
    except OwnDemoNeeded as error:
        if required:
            raise
        progress.report("Demo", escape(str(error)))
        return
    if first_event is None:
        return
    progress.report("Demo", f"its event was on the bus {first_event.milliseconds:.0f} ms later")
    say(progress.console, event_panel(first_event))


def event_panel(first_event: FirstEvent) -> Panel:
    """Return a panel with the event as indented JSON."""
    title = f"{first_event.event['type']}, as a consumer receives it"
    return Panel(JSON(json.dumps(first_event.event)), title=title, title_align="left")


def show_addresses(service: LocalService, stack: Stack, console: Console) -> None:
    """Print all addresses, and a first request to copy."""
    say(console, f"API       {service.url}")
    say(console, f"Described {service.url}/openapi.json")
    for variable, part in stack.names.items():
        if variable in stack.environment:
            hosts = hosts_of(stack.environment[variable])
            say(console, f"{part:<9} {hosts}  ({variable})")
    say(console, f"Try       {example_request(service.url)}")
    say(console, "Changed code is loaded anew; Ctrl-C stops all that was started here.")


def example_request(url: str) -> str:
    """Return a command for a shell in the service's folder that reads something.

    Args:
        url: the address of the service.
    """
    path = demo_of(project()).example_path
    if path == OPEN_PATH:
        return f"curl -s {url}{path}"
    header = "Authorization: Bearer $(.venv/bin/carafe token --subject maria)"
    return f'curl -s -H "{header}" {url}{path}'


def serve(service: LocalService, source: SourceWatch) -> None:
    """Keep the service running, on the code as it changes, until it is interrupted."""
    while True:
        time.sleep(LOOK_SECONDS)
        service.revive()
        if source.has_changed():
            service.reload()
