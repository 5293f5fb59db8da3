"""Reports what happens to the files."""

from collections import Counter
from collections.abc import Sequence

import click

from .consequences import Consequences
from .outcomes import Outcome
from .todos import todos_of

VERBS = {
    "new": ("wrote", "would write"),
    "extended": ("extended", "would extend"),
    "removed": ("removed", "would remove"),
    "left": ("left as it is", "would leave"),
    "absent": ("not written", "not written"),
}

COLOURS = {"new": "green", "extended": "green", "removed": "red", "left": "yellow"}

EXPLANATIONS = {
    "left": (
        "What was left was changed by people and by the model in the same place: merge by hand "
        "what you want of the differences. Once the rest is written, they are not shown again."
    ),
    "absent": (
        "What was not written was deleted since it was generated: name its part to have it again, "
        "such as `carafe scaffold aggregate Loan`."
    ),
}


def print_report(outcomes: Sequence[Outcome], following: Consequences, *, dry_run: bool) -> None:
    """Print a line for each file that changes or is left, and the differences of the latter.

    Args:
        outcomes: for each file.
        following: from the new code, for others.
        dry_run: nothing was written; the differences of what would change are printed as well.
    """
    for each in sorted(outcomes, key=lambda outcome: str(outcome.path)):
        _print_outcome(each, dry_run=dry_run)
    count = Counter(each.state for each in outcomes)
    counts = [f"{count[state]} {state}" for state in (*VERBS, "same") if count[state]]
    noun = "file" if len(outcomes) == 1 else "files"
    click.echo(f"{len(outcomes)} {noun}: {', '.join(counts)}.")
    for state, explanation in EXPLANATIONS.items():
        if count[state]:
            click.echo(explanation)
    todos = todos_of(outcomes)
    if todos:
        subject = "TODO waits" if len(todos) == 1 else "TODOs wait"
        click.echo(f"{len(todos)} {subject} for a decision: {', '.join(todos)}")
    _print_consequences(following)


def _print_consequences(following: Consequences) -> None:
    """Print a line for each thing that others have to know of, and where to read on."""
    for each in following.breaks:
        click.echo(f"{click.style('breaks', fg='yellow')}  {each}")
    for each in following.requirements:
        click.echo(f"{click.style('needs', fg='yellow')}   {each}")
    if following.breaks or following.requirements:
        click.echo("What to do about it: `carafe page growing`.")


def _print_outcome(outcome: Outcome, *, dry_run: bool) -> None:
    if outcome.state in VERBS:
        verb = f"{VERBS[outcome.state][dry_run]:<14}"
        click.echo(f"{click.style(verb, fg=COLOURS.get(outcome.state))} {outcome.path}")
    if outcome.state == "left" or dry_run:
        for line in outcome.diff:
            click.echo(f"    {line}")
