"""Reports the outcome for each file."""

from collections.abc import Sequence

import click

from .tree import Outcome

VERBS = {
    "new": ("wrote", "would write"),
    "extended": ("extended", "would extend"),
    "same": ("unchanged", "unchanged"),
    "left": ("left as it is", "would leave"),
}

COLOURS = {"new": "green", "extended": "green", "same": None, "left": "yellow"}


def print_report(outcomes: Sequence[Outcome], *, dry_run: bool) -> None:
    """Print a line for each file, and the difference where an existing file was kept."""
    for each in sorted(outcomes, key=lambda outcome: str(outcome.path)):
        verb = click.style(f"{VERBS[each.state][dry_run]:<14}", fg=COLOURS[each.state])
        click.echo(f"{verb} {each.path}")
        if each.state == "left" or (dry_run and each.state == "extended"):
            for line in each.diff:
                click.echo(f"    {line}")
    count = {state: sum(each.state == state for each in outcomes) for state in VERBS}
    counts = [f"{number} {state}" for state, number in count.items() if number]
    click.echo(f"{len(outcomes)} files: {', '.join(counts)}.")
    if count["left"]:
        click.echo(
            "Files left as they are differ from the model: merge the changes you want by hand."
        )
