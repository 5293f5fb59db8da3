"""The command `transform`."""

import sys
from collections import Counter
from pathlib import Path

import click

from workflow.scaffold.formatting import NotPython, tidied
from workflow.scaffold.pictures import draw

from . import documents, renaming, sample
from .identity import BadIdentity, Identity, identity_of, require_free, require_usable
from .working_tree import NotClean, Plan, read, require_clean

ROOT = Path()


class CannotTransform(Exception):
    """Nothing was changed; the message says why."""


@click.command()
@click.option("--name", help="For people: Lending Desk.")
@click.option("--context", help="For machines: lending. One word, the first of every routing key.")
@click.option("--port", type=int, help="Of the API on a developer's machine.")
@click.option("--mongo-uri", help="Of MongoDB, for .env.example.")
@click.option("--rabbitmq-url", help="Of RabbitMQ, for .env.example.")
@click.option("--without-sample", is_flag=True, help="Take Ordering out.")
@click.option("--dry-run", is_flag=True, help="Change nothing; show the plan.")
@click.option("--yes", is_flag=True, help="Do not ask whether to go on.")
def transform(  # noqa: PLR0913 - one for each option
    *,
    name: str | None,
    context: str | None,
    port: int | None,
    mongo_uri: str | None,
    rabbitmq_url: str | None,
    without_sample: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    """Make a clone a service of your own: its names, through the whole tree.

    What no option says is asked for, in a terminal. The plan is shown first. It works on a tree
    without uncommitted changes only, so that git shows what it did, and can take it back.

    \b
    Example:
        python -m workflow transform
        python -m workflow transform --name "Lending Desk" --context lending --without-sample --yes
    """
    try:
        require_clean(ROOT)
        files = read(ROOT)
        if without_sample:
            sample.require_sample(files)
        old = identity_of(files)
        new = _asked(old, name, context, port)
        require_usable(new)
        if sys.stdin.isatty() and not yes:
            mongo_uri = mongo_uri or _asked_address("MongoDB")
            rabbitmq_url = rabbitmq_url or _asked_address("RabbitMQ")
            without_sample = without_sample or click.confirm("Take the sample, Ordering, out?")
        after = transformed(files, old, new, bare=without_sample)
        renaming.with_address(after, "MONGO_URI", mongo_uri)
        renaming.with_address(after, "RABBITMQ_URL", rabbitmq_url)
    except (BadIdentity, NotClean, NotPython, sample.SampleNotAlone) as error:
        raise CannotTransform(f"nothing was changed: {error}") from error
    plan = Plan(files, after)
    _show(plan, old, new)
    if dry_run:
        return
    if not yes:
        _confirm()
    plan.apply(ROOT)
    click.echo("drawing diagrams ...")
    draw(ROOT)
    click.echo(
        "Done. Look at it with `git add -A && git diff --cached --stat -M` (`git reset --hard` "
        "takes it back), prove it with `make test`, then commit."
    )


def transformed(
    files: dict[str, str], old: Identity, new: Identity, *, bare: bool
) -> dict[str, str]:
    """Return the files of the new service.

    Args:
        files: of the old one, text by path.
        old: who it was.
        new: who it becomes.
        bare: without the sample.

    Raises:
        BadIdentity: the code uses the new context for something else.
        NotPython: what was put together cannot be read.
    """
    left = sample.without_sample(files, old.context) if bare else dict(files)
    require_free(left, old, new)
    if bare:
        documents.about_no_sample(left, new)
    else:
        documents.introduced_readme(left, new)
    left = renaming.renamed(left, old, new)
    documents.introduced(left, new)
    code = {Path(path): text for path, text in left.items() if files.get(path) != text}
    shaped = {str(path): text for path, text in tidied(code, ROOT, compact=False).items()}
    return left | shaped


def _asked(old: Identity, name: str | None, context: str | None, port: int | None) -> Identity:
    """Return what the options say, and what a person answers about the rest."""
    if sys.stdin.isatty():
        name = name or click.prompt("Name, for people", default=old.name)
        context = context or click.prompt("Context, one word for machines", default=old.context)
        if port is None:
            port = click.prompt("Port of the API", default=old.port, type=int)
    if name is None or context is None:
        raise click.UsageError("--name and --context are needed where nobody can be asked")
    return Identity(str(name), str(context), old.port if port is None else port)


def _asked_address(whose: str) -> str | None:
    """Ask for an address; none leaves .env.example as it is."""
    answer = click.prompt(f"Address of {whose} (empty: as it is)", "", show_default=False)
    return str(answer).strip() or None


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise click.UsageError("--yes is needed where nobody can be asked")
    click.confirm("Go on?", abort=True)


def _show(plan: Plan, old: Identity, new: Identity) -> None:
    for what in ("name", "context", "port"):
        before, after = getattr(old, what), getattr(new, what)
        click.echo(f"{what:<8} {before}" + ("" if before == after else f" → {after}"))
    for title, paths in (("remove", plan.removed), ("write", plan.written)):
        folders = Counter("/".join(Path(path).parts[:2]) for path in paths)
        click.echo(f"{title} {len(paths)} files")
        for folder, count in sorted(folders.items()):
            click.echo(f"    {count:>4}  {folder}")
