"""The command `discover`."""

import itertools
import sys
from pathlib import Path

import click

from carafe.development import INTERRUPTED
from carafe.development.project import CallerPath
from carafe.development.scaffold.edits import NoPlace
from carafe.development.scaffold.formatting import NotPython
from carafe.development.scaffold.pictures import NotDrawn

from .asking import ask_into
from .draft import Draft
from .drawing import drawn
from .reading import NoModel, chosen, example_model, read_model
from .sketch import own_context
from .source import Source

ROOT = Path()
FOLDER = Path("diagrams")


@click.command()
@click.argument("file", required=False, type=CallerPath(path_type=Path))
@click.option("--ask", is_flag=True, help="Ask step by step, and write the model file first.")
@click.option("--example", is_flag=True, help="Print a whole model to begin with, and end.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would be written.")
def discover(file: Path | None, *, ask: bool, example: bool, dry_run: bool) -> None:
    """Hold a model against itself, and draw what it says into `diagrams`.

    Every mistake is named by its line. The pictures are those that the code of
    `carafe scaffold` will have; of a model that changed since, those that it should have.
    FILE is model.yaml in the service's folder by default.
    With --ask, a file that is there already is gone on with.

    \b
    Example:
        carafe discover
        carafe discover --ask
        carafe discover --example > model.yaml
    """
    if example:
        click.echo(example_model(), nl=False)
        return
    file = chosen(file)
    if ask:
        text = _asked(file, dry_run=dry_run)
        if dry_run:
            click.echo(text)
            return
        file.write_text(text, encoding="utf-8")
        click.echo(f"wrote  {file}")
    model = read_model(file, of_any_service=dry_run)
    count = len(model.aggregates)
    click.echo(f"{file}: {count} aggregate{'s' if count != 1 else ''}, nothing wrong; drawing ...")
    try:
        pictures = drawn(model, ROOT)
    except (NoPlace, NotDrawn, NotPython, OSError) as error:
        raise NotDrawn(
            f"the model cannot be drawn with the code that is there ({error}): what a changed "
            "model no longer has is taken out of the code by hand"
        ) from error
    for name, text in pictures.items():
        path = FOLDER / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            click.echo(f"same   {path}")
            continue
        if not dry_run:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        click.echo(f"{'would write' if dry_run else 'wrote'}  {path}")


def _asked(file: Path, *, dry_run: bool) -> str:
    """Return the model file that the answers make up; keep them if they end in the middle."""
    draft = _begun(file)
    try:
        ask_into(draft)
    except click.Abort as end:
        kept = _kept(draft, file, dry_run=dry_run)
        click.echo(f"\nerror: stopped in the middle; {kept}", err=True)
        # click raises the same for Ctrl-C and for an input that ends; what it was stands behind.
        sys.exit(INTERRUPTED if isinstance(end.__context__, KeyboardInterrupt) else 1)
    if not draft:
        raise NoModel("nothing was answered, so that nothing was written")
    return draft.text(file)


def _begun(file: Path) -> Draft:
    """Return the draft that a file is, or an empty one."""
    if not file.parent.is_dir():
        raise NoModel(f"there is no folder {file.parent}: make it first")
    if not file.exists():
        return Draft({"context": own_context()})
    read_model(file)
    data = Source(file.read_text(encoding="utf-8"), str(file)).data
    click.echo(f"{file} is there: what you answer is added to it, and comments in it are lost.")
    if not click.confirm("Go on?"):
        raise NoModel(f"{file} stays as it is")
    return Draft(data)


def _kept(draft: Draft, file: Path, *, dry_run: bool) -> str:
    """Write what was answered beside the file; say where."""
    if dry_run or not draft:
        return "nothing was written"
    names = (file.with_suffix(f".draft-{number}.yaml") for number in itertools.count(1))
    path = next(name for name in names if not name.exists())
    path.write_text(draft.text(path), encoding="utf-8")
    return f"what was answered is in {path}: complete it, and make it {file}"
