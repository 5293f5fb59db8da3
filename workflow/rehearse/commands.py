"""`workflow rehearse`: the packaged functions on a stage, without an account and without Docker."""

import importlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console

from workflow.deployment import archive, tools
from workflow.deployment.package import CODE, TEMPLATE, Tell, make
from workflow.deployment.stages import PROJECT
from workflow.event_sources import queue_triggers
from workflow.servers.stack import Stack

from .scenario import Rehearsal
from .scenery import scenery

STAGE = "prod"
WARM_ORDERS = 5
FREEZE_SECONDS = 35.0
LOGS = PROJECT / "build" / "rehearsal"


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

    An order is placed, bridged, paid by another service's event and shipped by a queued command;
    functions are frozen, thawed and killed in between. Ends with their times.

    \b
    Example:
        python -m workflow rehearse
    """
    console = Console(highlight=False)
    shutil.rmtree(LOGS, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="carafe-rehearsal-") as temporary:
        folder = Path(temporary)
        made = make(STAGE, folder / "made", console.print)
        tools.folder_of(tools.RUNTIME, console.print)
        size = f"{made.code_bytes / archive.MEGABYTE:.2f} MB, {len(made.functions)} functions"
        console.print(f"packaged: {size}")
        with (
            Stack(
                folder / "servers",
                {},
                preferred_ports=False,
                progress=lambda part, message: console.print(f"{part}: {message}"),
            ) as stack,
            on_stage(stack, made.folder, folder, LOGS) as rehearsal,
        ):
            play(rehearsal, freeze_seconds, console.print)
            console.print(rehearsal.stopwatch.table())


@contextmanager
def on_stage(
    stack: Stack, package: Path, folder: Path, logs: Path, options: Sequence[str] = ()
) -> Iterator[Rehearsal]:
    """Unpack a package into an empty folder, and set everything up around its functions.

    Args:
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
    app = importlib.import_module("app").app
    queues = queue_triggers(app)
    with (
        scenery(stack, folder, importlib.import_module("app").app.app_name, queues) as around,
        Rehearsal(
            around.functions(template), around, queues, code, runtime, logs, options
        ) as rehearsal,
    ):
        yield rehearsal


def play(rehearsal: Rehearsal, freeze_seconds: float, tell: Tell) -> None:
    """Play everything.

    Raises:
        RehearsalFailed: a function did not do what it should.
    """
    tell("cold: an order is placed, bridged, paid by an event and shipped by a command")
    rehearsal.play()
    tell("warm: the same again")
    for _ in range(WARM_ORDERS):
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
    tell(f"{events} events reached the bus, those of each order complete and in order")
