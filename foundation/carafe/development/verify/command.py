"""The command `verify`."""

import importlib
from collections.abc import Mapping

import click
from rich.console import Console

from carafe.development.phases import Phase, PhaseParameter

from .needs import Finding, Need, State, finding_of

MISSING = 1

# Imported when asked for: a phase that cannot even be imported does not hide the others.
MODULES: Mapping[str, str] = {
    "01": "setup",
    "02": "discovery",
    "03": "domain",
    "04": "contracts",
    "05": "infrastructure",
    "06": "api",
    "07": "client",
}

COLOURS = {State.MET: "green", State.MISSING: "red", State.SKIPPED: "yellow"}


@click.command()
@click.argument("phase", type=PhaseParameter())
@click.option("--offline", is_flag=True, help="Skip what needs servers or runs long tests.")
@click.pass_context
def verify(context: click.Context, phase: Phase, *, offline: bool) -> None:
    """Say what a phase needs, and what is missing. Exit code 1 when something is.

    \b
    Example:
        carafe verify 05
        carafe verify 03 --offline
    """
    if verified(phase, offline=offline):
        context.exit(MISSING)


def verified(phase: Phase, *, offline: bool) -> list[Finding]:
    """Show what became of each need, and return those that are not met."""
    click.echo(str(phase))
    found = [_shown(_watched(each, offline=offline)) for each in needs_of(phase)]
    missing = [each for each in found if each.state is State.MISSING]
    met = sum(each.state is State.MET for each in found)
    skipped = sum(each.state is State.SKIPPED for each in found)
    told = f"{met} of {len(found)} needs are met"
    click.echo(told + (f", {skipped} skipped." if skipped else "."))
    return missing


def needs_of(phase: Phase) -> tuple[Need, ...]:
    """Return what a phase needs."""
    module = importlib.import_module(f"carafe.development.verify.{MODULES[phase.number]}")
    needs: tuple[Need, ...] = module.NEEDS
    return needs


def _watched(need: Need, *, offline: bool) -> Finding:
    """Check a need while a spinner turns, where there is a terminal."""
    with Console(stderr=True).status(f"{need.text} …"):
        return finding_of(need, offline=offline)


def _shown(finding: Finding) -> Finding:
    state = click.style(f"{finding.state.value:8}", fg=COLOURS[finding.state])
    click.echo(f"  {state} {finding.text}")
    for each in finding.missing:
        click.echo(f"             - {each}")
    return finding
