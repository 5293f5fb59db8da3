"""`carafe progress`: shows the seven phases, and marks them complete."""

from datetime import UTC, datetime
from pathlib import Path

import click

from .atomic_file import EVERYBODY_READS, replace
from .checklist import NoSteps, complete_step, steps_of
from .phases import Phase, PhaseParameter, next_phase
from .verify.command import verify_phase
from .verify.needs import Finding

FILE = Path("memory-bank/progress.md")
FORCED = Path("memory-bank/forced.md")

MISSING = 1

FORCED_HEADER = (
    "# Forced steps\n\nPhases marked complete by `progress complete --force` while something was"
    " missing, oldest first.\n\n"
)

__all__ = ["NoSteps", "progress"]


@click.group(invoke_without_command=True)
@click.pass_context
def progress(context: click.Context) -> None:
    """Show which of the seven phases are complete.

    \b
    Example:
        carafe progress
        carafe progress complete 05
    """
    if context.invoked_subcommand is None:
        _show(_content())


@progress.command()
@click.argument("phase", type=PhaseParameter())
@click.option("--force", is_flag=True, help="Complete it anyway; this is recorded.")
@click.option("--dry-run", is_flag=True, help="Verify, show what would change, write nothing.")
@click.pass_context
def complete(context: click.Context, phase: Phase, *, force: bool, dry_run: bool) -> None:
    """Mark a phase complete, once `verify` finds nothing missing.

    Later phases become open again, because they build on this one. With --force, what is missing
    is recorded in memory-bank/forced.md.

    \b
    Example:
        carafe progress complete 05
        carafe progress complete 05 --dry-run
    """
    complete_step(_content(), phase)  # fails at once, not after minutes of tests
    missing = verify_phase(phase, offline=False)
    if missing and not force:
        click.echo(f"Not complete: {phase}. Add what is missing, or use --force.", err=True)
        context.exit(MISSING)
    content = _content()  # read again: it may have been edited meanwhile
    changed = complete_step(content, phase)
    if dry_run:
        _show_changes(content, changed)
        return
    if missing:
        _record(phase, missing)
    if changed != content:
        replace(FILE, changed)
    click.echo(f"Complete: {phase}")
    following = next_phase(phase)
    click.echo(f"Next:     {following}" if following else "That was the last phase.")


def _content() -> bytes:
    if not FILE.exists():
        raise NoSteps(f"There is no {FILE}: run this in the service's folder.")
    return FILE.read_bytes()


def _show(content: bytes) -> None:
    steps = steps_of(content)
    for step in steps:
        mark = click.style("x", fg="green") if step.is_complete else " "
        click.echo(f"[{mark}] {step.phase}")
    following = next((step.phase for step in steps if not step.is_complete), None)
    if following is None:
        click.echo("All phases are complete.")
        return
    click.echo(f"Next: {following} (`carafe page {following.number}` says how)")


def _show_changes(content: bytes, changed: bytes) -> None:
    for before, after in zip(steps_of(content), steps_of(changed), strict=True):
        if before.is_complete != after.is_complete:
            mark = "x" if after.is_complete else " "
            click.echo(f"would write  - [{mark}] {after.phase}")
    if changed == content:
        click.echo("Nothing would change.")


def _record(phase: Phase, missing: list[Finding]) -> None:
    """Append what was missing when a phase was forced."""
    lines = [
        f"- {datetime.now(UTC):%Y-%m-%d} {phase}",
        *(f"  - not: {each.text}" for each in missing),
    ]
    before = FORCED.read_bytes() if FORCED.exists() else FORCED_HEADER.encode()
    after = before if before.endswith(b"\n") else before + b"\n"
    replace(FORCED, after + ("\n".join(lines) + "\n").encode(), EVERYBODY_READS)
