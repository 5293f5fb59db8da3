"""`carafe rehearse`: the packaged functions on a stage, without an account and without Docker."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from carafe.development.deployment import archive, tools
from carafe.development.deployment.package import CODE, TEMPLATE, Tell, make
from carafe.development.event_sources import queue_triggers
from carafe.development.project import Project, project
from carafe.development.servers.own import own_servers
from carafe.development.servers.stack import Stack

from .example_rehearsal import ExampleRehearsal, first_request
from .rehearsal import Rehearsal
from .scenery import scenery

STAGE = "prod"
WARM_ROUNDS = 5
FREEZE_SECONDS = 35.0


@click.command()
@click.option(
    "--freeze",
    "freeze_seconds",
    default=FREEZE_SECONDS,
    show_default=True,
    help="Seconds for which the functions are frozen; 0 for not at all.",
)
def rehearse(freeze_seconds: float) -> None:
    """Package the functions and run them as AWS Lambda would, on real servers of their own.

    What is played stands in local/rehearsal.py; without it, a command is made of the service's
    examples. Functions are frozen, thawed and killed in between. Ends with their times.

    \b
    Example:
        carafe rehearse
    """
    console = Console(highlight=False)
    here = project()
    if here.local("rehearsal", "REHEARSAL") is None:
        first_request(here)  # before anything is packaged and started
    logs = here.root / "build" / "rehearsal"
    shutil.rmtree(logs, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="carafe-rehearsal-") as temporary:
        folder = Path(temporary)
        made = make(here, STAGE, folder / "made", console.print)
        tools.folder_of(tools.RUNTIME, console.print)
        size = f"{made.code_bytes / archive.MEGABYTE:.2f} MB, {len(made.functions)} functions"
        console.print(f"packaged: {size}")
        with (
            Stack(
                folder / "servers",
                {},
                own_servers(here),
                preferred_ports=False,
                progress=lambda part, message: console.print(f"{part}: {message}"),
            ) as stack,
            on_stage(here, stack, made.folder, folder, logs) as rehearsal,
        ):
            play(rehearsal, freeze_seconds, console.print)
            console.print(rehearsal.stopwatch.table())


@contextmanager
def on_stage(  # noqa: PLR0913, PLR0917 - each is a part of the stage
    project: Project,
    stack: Stack,
    package: Path,
    folder: Path,
    logs: Path,
    options: Sequence[str] = (),
) -> Iterator[Rehearsal]:
    """Unpack a package into an empty folder, and set everything up around its functions.

    Args:
        project: the service.
        stack: the local servers, started.
        package: folder with template and code.
        folder: for what is needed on the way.
        logs: folder for what the functions write.
        options: for the functions' Python.
    """
    code = folder / "task"
    logs.mkdir(parents=True, exist_ok=True)
    archive.unpack_compiled(package / CODE, code)
    template = json.loads((package / TEMPLATE).read_text())
    runtime = tools.folder_of(tools.RUNTIME)
    queues = queue_triggers(project.app)
    kind: type[Rehearsal] = project.local("rehearsal", "REHEARSAL") or ExampleRehearsal
    with (
        scenery(project, stack, folder, queues) as around,
        kind(
            project, around.functions(template), around, queues, code, runtime, logs, options
        ) as rehearsal,
    ):
        yield rehearsal


def play(rehearsal: Rehearsal, freeze_seconds: float, tell: Tell) -> None:
    """Play everything.

    Raises:
        RehearsalFailed: a function did not do what it should.
    """
    tell("cold: every function is called for the first time")
    rehearsal.play()
    tell("warm: the same again")
    for _ in range(WARM_ROUNDS):
        rehearsal.play()
    if freeze_seconds:
        processes = rehearsal.processes
        tell(f"frozen for {freeze_seconds:.0f} s, thawed, and the same again")
        rehearsal.freeze_and_thaw(freeze_seconds)
        rehearsal.play()
        rehearsal.require_same(processes)
    tell("a request runs out of time, its environment is killed, the request is repeated")
    rehearsal.kill_on_timeout()
    events = rehearsal.reconcile()
    tell(f"{events} events reached the bus, those of each aggregate complete and in order")
