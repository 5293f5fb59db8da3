"""The command `verify`."""

import importlib
from collections.abc import Mapping

import click
from rich.console import Console

from carafe.development.phases import Phase, PhaseParameter

from .needs import Finding, Need, State, check_need

MISSING = 1

# Imported on demand, so that a phase that cannot be imported does not stop the others.
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
    """List the needs of a phase, and what is missing. Exit code 1 if something is.

    \b
    Example:
        carafe verify 05
        carafe verify 03 --offline
    """
    if verify_phase(phase, offline=offline):
        context.exit(MISSING)


def verify_phase(phase: Phase, *, offline: bool) -> list[Finding]:
    """Check the needs of a phase and print the findings; return those with something missing.

    Args:
        phase: one of the seven.
        offline: skip what needs servers or runs tests.
    """
    click.echo(str(phase))
    findings = []
    for need in needs_of(phase):
        finding = _check_with_spinner(need, offline=offline)
        _print(finding)
        findings.append(finding)
    met = sum(each.state is State.MET for each in findings)
    skipped = sum(each.state is State.SKIPPED for each in findings)
    summary = f"{met} of {len(findings)} needs are met"
    click.echo(summary + (f", {skipped} skipped." if skipped else "."))
    return [each for each in findings if each.state is State.MISSING]


def needs_of(phase: Phase) -> tuple[Need, ...]:
    """Return the needs of a phase."""
    module = importlib.import_module(f"carafe.development.verify.{MODULES[phase.number]}")
    needs: tuple[Need, ...] = module.NEEDS
    return needs


def _check_with_spinner(need: Need, *, offline: bool) -> Finding:
    """Check a need; on a terminal, show a spinner meanwhile."""
    with Console(stderr=True).status(f"{need.text} …"):
        return check_need(need, offline=offline)


def _print(finding: Finding) -> None:
    state = click.style(f"{finding.state.value:8}", fg=COLOURS[finding.state])
    click.echo(f"  {state} {finding.text}")
    for each in finding.missing:
        click.echo(f"             - {each}")
