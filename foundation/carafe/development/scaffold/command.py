"""The command `scaffold`."""

from pathlib import Path

import click

from carafe.development.discovery.model import Model
from carafe.development.discovery.reading import model_of, model_path
from carafe.development.project import CallerPath, project

from .edits import NoPlace
from .formatting import NotPython
from .parts import Scaffold
from .pictures import FOLDER, NotDrawn, diagrams_of
from .report import print_report
from .selection import KINDS, NotInModel, add, add_everything
from .tree import Outcome, Tree
from .upcasters import NoStep, add_upcaster

ROOT = Path()

# The only part that follows from what is stored, and not from a model.
UPCASTER = "upcaster"

KEPT_FILES_HINT = (
    "; existing files that differ from the model were kept: merge what --dry-run shows by hand, "
    "or delete those that nobody has edited"
)


class CannotScaffold(Exception):
    """Nothing was written; the message says why."""


@click.command()
@click.argument("kind", required=False, type=click.Choice((*KINDS, UPCASTER)))
@click.argument("name", required=False)
@click.option(
    "--model",
    "file",
    type=CallerPath(path_type=Path),
    help="The model file; by default model.yaml in the service's folder.",
)
@click.option(
    "--attribute",
    "attributes",
    multiple=True,
    metavar="NAME=TYPE",
    help="An attribute of a value or aggregate that no model file describes.",
)
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would be written.")
def scaffold(
    kind: str | None,
    name: str | None,
    file: Path | None,
    attributes: tuple[str, ...],
    *,
    dry_run: bool,
) -> None:
    """Write code and tests from a model: all of it, or one part.

    A part includes what it needs: a command its aggregate, an aggregate its values. Existing
    code is not overwritten; the differences are shown. The code is first tried in a copy of the
    service, and written only if it works there. NAME is the part's name in the model; for a
    subscription, its wire type. Without NAME, `client` is the service's own client. An upcaster
    needs no model: it is the step from the released form of the aggregate NAME to the present one.

    \b
    Example:
        carafe scaffold
        carafe scaffold aggregate Loan --dry-run
        carafe scaffold aggregate Shelf --attribute "room=text(40)"
        carafe scaffold subscription calendar.loan.expired.v1
        carafe scaffold upcaster Loan
    """
    if kind is None and attributes:
        raise click.UsageError("--attribute needs a kind and a name: aggregate Shelf")
    if kind not in {None, "client"} and name is None:
        raise click.UsageError(f"which {kind}? Give its name")
    tree = Tree(ROOT)
    try:
        if kind == UPCASTER:
            add_upcaster(tree, project(), name)
        else:
            _add_parts(tree, model_of(model_path(file), kind, name, attributes), kind, name)
        outcomes = tree.outcomes()
        if not dry_run and any(each.state in {"new", "extended"} for each in outcomes):
            _write(tree, outcomes)
    except (NoPlace, NoStep, NotDrawn, NotPython, NotInModel, OSError) as error:
        raise CannotScaffold(f"nothing was written: {error}") from error
    print_report(outcomes, dry_run=dry_run)


def _add_parts(tree: Tree, model: Model, kind: str | None, name: str | None) -> None:
    """Add one part of a model; without a kind, all of it."""
    parts = Scaffold(model, tree)
    if kind is None:
        add_everything(parts)
    else:
        add(parts, kind, name)


def _write(tree: Tree, outcomes: list[Outcome]) -> None:
    """Write the code and its diagrams, once the code has worked in a copy.

    Raises:
        NotDrawn: the code does not work; nothing was written.
    """
    click.echo("trying the code in a copy and drawing its diagrams there ...")
    try:
        diagrams = diagrams_of(ROOT, outcomes)
    except NotDrawn as error:
        if any(each.state == "left" for each in outcomes):
            raise NotDrawn(f"{error}{KEPT_FILES_HINT}") from error
        raise
    files = [Outcome(Path(FOLDER, name), "new", text) for name, text in diagrams.items()]
    tree.write([*outcomes, *files])
