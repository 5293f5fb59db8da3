"""`carafe rehearse`: the packaged functions on a stage, without an account and without Docker."""

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from rich.console import Console

from carafe.development.deployment import archive, tools
from carafe.development.deployment.package import TEMPLATE, build_package
from carafe.development.deployment.runtimes import this_machine
from carafe.development.deployment.stages import read_stage
from carafe.development.event_sources import queue_triggers
from carafe.development.project import Project, project
from carafe.development.servers.declared import declared_servers
from carafe.development.servers.process import Report
from carafe.development.servers.stack import Stack

from .backing_services import provide_backing_services
from .example_rehearsal import ExampleRehearsal, possible_creations
from .packaged_functions import PackagedFunctions
from .preparation import prepare
from .reconciliation import reconcile
from .rehearsal import Rehearsal
from .shared_broker import place_in

STAGE = "prod"
WARM_ROUNDS = 5
FREEZE_SECONDS = 35.0


@click.command()
@click.option(
    "--freeze",
    "freeze_seconds",
    default=FREEZE_SECONDS,
    show_default=True,
    help="Seconds for which the functions are frozen; 0 to skip this.",
)
def rehearse(freeze_seconds: float) -> None:
    """Package the functions and run them as AWS Lambda would, on real servers of their own.

    local/rehearsal.py defines the scenario; without it, a command is made from the service's
    examples. Functions are frozen, thawed and killed on the way. Their times are printed last.

    \b
    Example:
        carafe rehearse
    """
    console = Console(highlight=False)
    current_project = project()
    if current_project.local("rehearsal", "REHEARSAL") is None:
        possible_creations(current_project)  # fails before anything is packaged and started
    logs = current_project.root / "build" / "rehearsal"
    shutil.rmtree(logs, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="carafe-rehearsal-") as temporary:
        folder = Path(temporary)
        package = build_package(
            current_project,
            STAGE,
            folder / "package",
            console.print,
            architecture=this_machine(),
        )
        tools.folder_of(tools.RUNTIME, console.print)
        megabytes = package.code_bytes / archive.MEGABYTE
        size = f"{megabytes:.2f} MB, {len(package.functions)} functions"
        console.print(f"packaged: {size}")
        with (
            Stack(
                folder / "servers",
                {},
                declared_servers(current_project),
                preferred_ports=False,
                progress=lambda part, message: console.print(f"{part}: {message}"),
            ) as stack,
            prepare_rehearsal(current_project, stack, package.folder, folder, logs) as rehearsal,
        ):
            run_rehearsal(rehearsal, freeze_seconds, console.print)
            console.print(rehearsal.functions.stopwatch.table())


@contextmanager
def prepare_rehearsal(  # noqa: PLR0913, PLR0917 - each is a part of the rehearsal
    project: Project,
    stack: Stack,
    package: Path,
    folder: Path,
    logs: Path,
    options: Sequence[str] = (),
) -> Iterator[Rehearsal]:
    """Unpack a package into an empty folder, and set up the servers that its functions use.

    Args:
        project: the service.
        stack: the local servers, started.
        package: folder with template and code.
        folder: for temporary files.
        logs: folder for the functions' output.
        options: for the functions' Python.
    """
    code = folder / "task"
    logs.mkdir(parents=True, exist_ok=True)
    for each in sorted(package.glob("*.zip")):
        archive.unpack_compiled(each, code / each.name)
    template = json.loads((package / TEMPLATE).read_text())
    runtime = tools.folder_of(tools.RUNTIME)
    rehearsal_type: type[Rehearsal] = project.local("rehearsal", "REHEARSAL") or ExampleRehearsal
    stage, place = read_stage(STAGE, project), place_in(template)
    with (
        provide_backing_services(project, stack, folder, stage, place) as backing,
        ExitStack() as ends,
    ):
        packaged = backing.functions(template)
        functions = PackagedFunctions(packaged, code, runtime, logs, options)
        ends.callback(functions.end)
        prepare(functions, backing.service)
        with rehearsal_type(project, functions, backing, queue_triggers(project.app)) as rehearsal:
            yield rehearsal


def run_rehearsal(rehearsal: Rehearsal, freeze_seconds: float, report: Report) -> None:
    """Play the scenario cold, warm and after a freeze, then time a request out and reconcile.

    Raises:
        RehearsalFailed: a function did not do what it should.
    """
    report("cold: every function is called for the first time")
    rehearsal.play()
    report("warm: the same again")
    for _ in range(WARM_ROUNDS):
        prepare(rehearsal.functions, rehearsal.backing.service)
        rehearsal.play()
    if freeze_seconds:
        report(f"frozen for {freeze_seconds:.0f} s, thawed, and the same again")
        rehearsal.freeze_and_thaw(freeze_seconds)
    report("another service on the same broker publishes in this one's name, and is refused")
    rehearsal.bus.require_refusal()
    report("a request times out, its environment is killed, the request is repeated")
    rehearsal.kill_on_timeout()
    events = reconcile(rehearsal)
    report(f"{events} events reached the bus, those of each aggregate complete and in order")
