"""The command `scaffold`."""

from pathlib import Path

import click

from carafe.development.discovery.reading import model_of, model_path
from carafe.development.project import CallerPath

from .edits import NoPlace
from .formatting import NotPython
from .parts import Scaffold
from .pictures import FOLDER, NotDrawn, drawn
from .report import tell
from .selection import KINDS, NotInModel, add, add_everything
from .tree import Outcome, Tree

ROOT = Path()

LEFT = (
    "; files that are left hold something else: take over what --dry-run shows of the model, "
    "or remove those that were never changed by hand"
)


class CannotScaffold(Exception):
    """Nothing was written; the message says why."""


@click.command()
@click.argument("kind", required=False, type=click.Choice(KINDS))
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
    help="Of a value or an aggregate that no model file describes.",
)
@click.option("--dry-run", is_flag=True, help="Change nothing; show what would be written.")
def scaffold(
    kind: str | None,
    name: str | None,
    file: Path | None,
    attributes: tuple[str, ...],
    *,
    dry_run: bool,
) -> None:
    """Write code and tests from a model: all of it, or one part.

    A part brings what it needs: a command its aggregate, an aggregate its values. A file that is
    there already is left, and the difference shown. It is tried in a copy first: code that would
    not work is not written. NAME is the part's name in the
    model; of a subscription, its wire type; without a NAME, `client` is the service's own.

    \b
    Example:
        carafe scaffold
        carafe scaffold aggregate Loan --dry-run
        carafe scaffold aggregate Shelf --attribute "room=text(40)"
        carafe scaffold subscription calendar.loan.expired.v1
    """
    if kind is None and attributes:
        raise click.UsageError("--attribute needs a kind and a name: aggregate Shelf")
    if kind not in {None, "client"} and name is None:
        raise click.UsageError(f"which {kind}? Give its name")
    model = model_of(model_path(file), kind, name, attributes)
    tree = Tree(ROOT)
    try:
        parts = Scaffold(model, tree)
        if kind is None:
            add_everything(parts)
        else:
            add(parts, kind, name)
        outcomes = tree.outcomes()
        if not dry_run and any(each.state in {"new", "extended"} for each in outcomes):
            _write(tree, outcomes)
    except (NoPlace, NotDrawn, NotPython, NotInModel, OSError) as error:
        raise CannotScaffold(f"nothing was written: {error}") from error
    tell(outcomes, dry_run=dry_run)


def _write(tree: Tree, outcomes: list[Outcome]) -> None:
    """Write code that works, and its diagrams.

    Raises:
        NotDrawn: it does not work; nothing was written.
    """
    click.echo("trying it in a copy, and drawing diagrams there ...")
    try:
        pictures = drawn(ROOT, outcomes)
    except NotDrawn as error:
        if any(each.state == "left" for each in outcomes):
            raise NotDrawn(f"{error}{LEFT}") from error
        raise
    drawings = [Outcome(Path(FOLDER, name), "new", text) for name, text in pictures.items()]
    tree.write([*outcomes, *drawings])
