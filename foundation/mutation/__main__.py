"""`make mutate`: `python -m mutation`."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import click

from carafe.development.project import Project
from carafe.development.servers.declared import declared_servers
from carafe.development.servers.stack import Stack

from .modules import MODULES, Module
from .survivors import KNOWN, Change, Outcome, known, outcome_of
from .tree import FOUNDATION, prepared

RESULTS = FOUNDATION.parent / "build/mutation"


@click.command()
@click.option("--module", "name", help="This one alone; `list` names all.")
@click.option("--processes", default=os.cpu_count() or 1, show_default=True)
def main(*, name: str | None, processes: int) -> None:
    """Mutate modules; exit code 1 if a mutant survives that is not known."""
    if name == "list":
        click.echo("\n".join(f"{each.name:<12} {' '.join(each.files)}" for each in MODULES))
        return
    modules = [each for each in MODULES if name in {None, each.name}]
    if not modules:
        raise click.ClickException(f"there is no module {name}: MODULE=list names them")
    with tempfile.TemporaryDirectory() as folder:
        new = _mutated_one_by_one(modules, Path(folder), processes)
    if new:
        click.echo(f"{new} new survivors: kill them by a test, or give a reason in {KNOWN}")
    raise SystemExit(1 if new else 0)


def _mutated_one_by_one(modules: Sequence[Module], folder: Path, processes: int) -> int:
    """Mutate modules on the same servers; return the number of survivors that are not known."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    new = 0
    with ExitStack() as exits:
        environment = dict(os.environ)
        if any(each.needs_servers for each in modules):
            others = declared_servers(Project(FOUNDATION.parent))
            stack = Stack(folder / "stack", {}, others, preferred_ports=False, test_commands=True)
            exits.enter_context(stack)
            environment["TEST_SERVERS"] = json.dumps(stack.environment)
        for module in modules:
            began = time.monotonic()
            outcome = _mutated(module, folder / module.name, environment, processes)
            new += _report(module, outcome, time.monotonic() - began)
    return new


def _mutated(
    module: Module, folder: Path, environment: Mapping[str, str], processes: int
) -> Outcome:
    """Have mutmut mutate a module in a copy, and return what became of the mutants."""
    work = prepared(folder, module)
    log = RESULTS / f"{module.name}.log"
    with log.open("w", encoding="utf-8") as output:
        result = subprocess.run(  # noqa: S603 - its own tool
            [Path(sys.executable).with_name("mutmut"), "run", "--max-children", str(processes)],
            cwd=work,
            env={**environment, "PYTHONPATH": str(folder / "service/foundation")},
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if result.returncode:
        raise click.ClickException(f"mutmut failed with {module.name}: see {log}")
    return outcome_of(folder / "service/foundation", module.files)


def _report(module: Module, outcome: Outcome, seconds: float) -> int:
    """Show what became of a module's mutants; return the number of new survivors."""
    reasons = known(module.name)
    new = sorted(outcome.survivors - reasons.keys(), key=str)
    click.echo(
        f"{module.name}: {outcome.mutants} mutants, {outcome.killed} killed, "
        f"{outcome.timed_out} without end, {len(outcome.survivors)} survive, "
        f"{len(new)} of them new; {seconds:.0f} s"
    )
    for each in new:
        click.echo(f"  {each}")
    for each in sorted(reasons.keys() - outcome.survivors, key=str):
        click.echo(f"  survives no longer: {each}")
    _write_list(module, outcome, reasons)
    return len(new)


def _write_list(module: Module, outcome: Outcome, reasons: Mapping[Change, str]) -> None:
    lines = [
        f"{each}\n    {reasons.get(each, 'NEW')}" for each in sorted(outcome.survivors, key=str)
    ]
    text = "\n".join(lines) + "\n" if lines else ""
    (RESULTS / f"{module.name}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
