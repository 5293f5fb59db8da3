"""The command `discover`."""

from pathlib import Path

import click

from workflow.scaffold.edits import NoPlace
from workflow.scaffold.formatting import NotPython
from workflow.scaffold.pictures import NotDrawn

from .asking import asked
from .drawing import drawn
from .reading import MODEL, NoModel, read_model

ROOT = Path()
FOLDER = Path("diagrams")


@click.command()
@click.argument("file", type=click.Path(path_type=Path), default=MODEL)
@click.option("--ask", is_flag=True, help="Ask step by step, and write the model file first.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would be written.")
def discover(file: Path, *, ask: bool, dry_run: bool) -> None:
    """Hold a model against itself, and draw what it says into `diagrams`.

    Every mistake is named by its line. The pictures are those that the code of
    `workflow scaffold` will have; of a model that changed since, those that it should have.
    FILE is model.yaml by default; docs/workflow/lending.yaml is an example, and
    workflow/discovery/model.schema.json tells an editor what may stand there.

    \b
    Example:
        python -m workflow discover
        python -m workflow discover --ask
        python -m workflow discover docs/workflow/lending.yaml --dry-run
    """
    if ask:
        if file.exists():
            raise NoModel(f"{file} is there already: remove it, or write into it by hand")
        text = asked()
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
