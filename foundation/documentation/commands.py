"""The reference of the command `carafe`, made from its own help."""

import inspect
from collections.abc import Iterator

import click

from carafe.development.cli import main

BEGINNING = """\
# Commands

`carafe NAME`, or `python -m carafe NAME`, in any folder of a service. `carafe NAME --help` says
the same as this page.

"""

UNWRAPPED = "\b"


def page() -> str:
    """Return the page as Markdown."""
    with click.Context(main, info_name="carafe") as context:
        return BEGINNING + "\n".join(_sections(main, context))


def _sections(group: click.Group, context: click.Context) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, info_name=name, parent=context)
        yield _section(command, inner)
        if isinstance(command, click.Group):
            yield from _sections(command, inner)


def _section(command: click.Command, context: click.Context) -> str:
    """Return what a command does, how it is called, and its options."""
    words = context.command_path.split()[1:]
    usage = command.get_usage(context).removeprefix("Usage: ")
    lines = [f"{'#' * (1 + len(words))} {' '.join(words)}", ""]
    lines += ["```text", inspect.cleandoc(usage), "```", "", *_help(command)]
    options = [
        each for each in command.params if isinstance(each, click.Option) and not each.hidden
    ]
    rows = [record for each in options if (record := each.get_help_record(context))]
    if rows:
        lines += ["| option | meaning |", "|---|---|"]
        lines += [f"| `{_cell(name)}` | {_cell(text)} |" for name, text in rows]
    return "\n".join(lines) + "\n"


def _help(command: click.Command) -> Iterator[str]:
    """Yield a command's help: paragraphs, and what is not to be wrapped as code."""
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        if not paragraph.startswith(UNWRAPPED):
            yield f"{paragraph}\n"
            continue
        lines = paragraph.removeprefix(UNWRAPPED).strip("\n").splitlines()
        code = [each for each in lines if each.startswith(" ")]
        if said := [each for each in lines if not each.startswith(" ")]:
            yield "\n".join(said) + "\n"
        yield "```bash\n" + inspect.cleandoc("\n" + "\n".join(code)) + "\n```\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
