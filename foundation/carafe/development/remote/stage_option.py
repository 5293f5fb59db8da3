"""The option `--stage`: the same command, run on a stage and not here."""

from collections.abc import Iterator, Sequence

import click

from carafe.development.project import project

from .allowed import ON_STAGES

OPTION = "--stage"


def add_stage_option(name: str, group: click.Command) -> None:
    """Give `--stage` to each command of a group that can run on a stage."""
    if not isinstance(group, click.Group):
        return
    for each in ON_STAGES.get(name, ()):
        command = group.commands[each]
        if not any(OPTION in option.opts for option in command.params):
            command.params.append(_option())


def without_stage(words: Sequence[str]) -> list[str]:
    """Return the words of a command line without this option."""
    return list(_others(words))


def _others(words: Sequence[str]) -> Iterator[str]:
    rest = iter(words)
    for word in rest:
        if word == "--":
            yield word
            yield from rest
        elif word == OPTION:
            next(rest, None)
        elif not word.startswith(f"{OPTION}="):
            yield word


def _option() -> click.Option:
    return click.Option(
        [OPTION],
        metavar="STAGE",
        expose_value=False,
        is_eager=True,
        callback=_run_there,
        help="Run it on this stage of the AWS account of your terminal.",
    )


def _run_there(context: click.Context, _parameter: click.Parameter, stage: str | None) -> None:
    if stage is None or context.resilient_parsing:
        return
    # Imported here, since a function that runs the command has neither boto3's time nor Chalice.
    from carafe.development.deployment.stages import read_stage  # noqa: PLC0415

    from .invocation import run_on_stage  # noqa: PLC0415

    found = read_stage(stage, project())
    words = without_stage(context.find_root().meta[WORDS])
    result = run_on_stage(found.service, found.name, words)
    click.echo(result.output, nl=False)
    click.echo(result.errors, nl=False, err=True)
    context.exit(result.exit_code)


WORDS = "carafe.words"
"""In the context's notes: all words after `carafe`."""
