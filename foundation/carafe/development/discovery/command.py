"""The command `discover`."""

from pathlib import Path

import click

from carafe.development.project import CallerPath
from carafe.development.scaffold.edits import NoPlace
from carafe.development.scaffold.formatting import NotPython
from carafe.development.scaffold.pictures import NotDrawn

from .draft_file import interview_for
from .drawing import draw
from .model import Model
from .reading import example_model, model_path, read_model

ROOT = Path()
FOLDER = Path("diagrams")


@click.command()
@click.argument("file", required=False, type=CallerPath(path_type=Path))
@click.option("--ask", is_flag=True, help="Ask step by step, and write the model file first.")
@click.option("--example", is_flag=True, help="Print a whole model to begin with, and end.")
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would be written.")
def discover(file: Path | None, *, ask: bool, example: bool, dry_run: bool) -> None:
    """Check a model, and draw its diagrams into `diagrams`.

    Every fault is shown with its line. The diagrams are those that the code of `carafe scaffold`
    will have; if the model has changed since, those that the code should have.
    FILE is model.yaml in the service's folder by default.
    With --ask, the answers are added to a file that exists.

    \b
    Example:
        carafe discover
        carafe discover --ask
        carafe discover --example > model.yaml
    """
    if example:
        click.echo(example_model(), nl=False)
        return
    file = model_path(file)
    if ask:
        text = interview_for(file, dry_run=dry_run)
        if dry_run:
            click.echo(text)
            return
        file.write_text(text, encoding="utf-8")
        click.echo(f"wrote  {file}")
    model = read_model(file, of_any_service=dry_run)
    click.echo(f"{file}: {_contents(model)}, no faults; drawing ...")
    for name, text in _diagrams(model).items():
        _update(FOLDER / name, text, dry_run=dry_run)


def _contents(model: Model) -> str:
    """Return how many aggregates and processes a model has."""
    aggregates, processes = len(model.aggregates), len(model.processes)
    counts = [f"{aggregates} aggregate{'s' if aggregates != 1 else ''}"]
    if processes:
        counts.append(f"{processes} process{'es' if processes != 1 else ''}")
    return ", ".join(counts)


def _diagrams(model: Model) -> dict[str, str]:
    try:
        return draw(model, ROOT)
    except (NoPlace, NotDrawn, NotPython, OSError) as error:
        raise NotDrawn(
            f"the model cannot be drawn with the existing code ({error}): remove from the code "
            "by hand what the model no longer has"
        ) from error


def _update(path: Path, text: str, *, dry_run: bool) -> None:
    """Write a diagram unless it is the same already, and print what was done."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        click.echo(f"same   {path}")
        return
    if not dry_run:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    click.echo(f"{'would write' if dry_run else 'wrote'}  {path}")
