"""The command `scaffold`."""

from dataclasses import dataclass, field
from pathlib import Path

import click

from carafe.development.discovery.model import Model
from carafe.development.discovery.reading import model_of, model_path
from carafe.development.expected_error import ExpectedError
from carafe.development.project import CallerPath, project

from .consequences import Consequences, tried
from .edits import NoPlace
from .formatting import NotPython
from .memory import FILE, BrokenMemory, Memory
from .model_changes import removals
from .no_step import NoStep
from .outcomes import Outcome, write
from .parts import Scaffold
from .pictures import FOLDER, NotDrawn, copy_with
from .report import print_report
from .selection import KINDS, NotInModel, add, add_everything
from .tree import Tree

ROOT = Path()

# The only part that follows from what is stored, and not from a model.
UPCASTER = "upcaster"

KEPT_FILES_HINT = (
    "; what people and the model changed in the same place was kept: merge what --dry-run shows "
    "by hand"
)

REMOVALS = """\
the model no longer has what was generated from it before:
  {removals}
Put it back, or take it out of the code as well with `carafe scaffold --remove`: what people have
edited there is shown and stays. What stored documents, callers and subscribers need of it is told
by `carafe page growing`."""


class CannotScaffold(ExpectedError):
    """Nothing was written; the message says why."""


class ModelRemoval(Exception):
    """A model lacks what was generated before; the message says what, and what to do."""


FAILURES = (
    *(BrokenMemory, ModelRemoval, NoPlace, NoStep, NotDrawn, NotInModel, NotPython, OSError),
)


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
    help="An attribute of a value or aggregate that no model file describes; NAME=owner holds "
    "whose it is.",
)
@click.option("--remove", is_flag=True, help="Take out of the code what the model has no longer.")
@click.option(
    "--dry-run", is_flag=True, help="Try the code, write nothing; show what would be written."
)
def scaffold(  # noqa: PLR0913 - the options of a command
    kind: str | None,
    name: str | None,
    file: Path | None,
    attributes: tuple[str, ...],
    *,
    remove: bool,
    dry_run: bool,
) -> None:
    """Write code and tests from a model: all of it, or one part.

    A part includes what it needs: a command its aggregate, an aggregate its values. Changes of the
    model are merged into code that people have edited; what both changed in the same place stays,
    and the difference is shown. Nothing is removed without --remove. The code is first tried in a
    copy of the service, and written only if it works there. What was generated is remembered in
    .carafe/scaffolded.json: commit it with the code. NAME is the part's name in the model; for a
    subscription, its wire type. Without NAME, `client` is the service's own client. An upcaster
    needs no model: it is the step from the released form of the aggregate NAME to the present one.

    \b
    Example:
        carafe scaffold
        carafe scaffold aggregate Loan --dry-run
        carafe scaffold aggregate Shelf --attribute "room=text(40)"
        carafe scaffold subscription post.book.arrived.v1
        carafe scaffold process Reminding
        carafe scaffold upcaster Loan
        carafe scaffold --remove --dry-run
    """
    if kind is None and attributes:
        raise click.UsageError("--attribute needs a kind and a name: aggregate Shelf")
    if kind not in {None, "client"} and name is None:
        raise click.UsageError(f"which {kind}? Give its name")
    if remove and kind is not None:
        raise click.UsageError("--remove compares the whole model: it goes without a part's name")
    try:
        if kind == UPCASTER:
            plan = _upcaster(name)
        else:
            model = model_of(model_path(file), kind, name, attributes)
            plan = _parts(model, kind, name, is_sketch=bool(attributes), remove=remove)
        files, following = plan.memory, Consequences()
        if any(each.is_change for each in plan.outcomes):
            diagrams, following = _tried(plan, dry_run=dry_run)
            files = [*plan.outcomes, *diagrams, *plan.memory]
        if not dry_run:
            write(ROOT, files)
    except FAILURES as error:
        raise CannotScaffold(f"nothing was written: {error}") from error
    print_report(plan.outcomes, following, dry_run=dry_run)


@dataclass(frozen=True)
class Plan:
    """What is to be written.

    Attributes:
        outcomes: for each file of the service.
        memory: the outcome for the memory; none if nothing is to be remembered.
    """

    outcomes: list[Outcome]
    memory: list[Outcome] = field(default_factory=list)


def _upcaster(name: str | None) -> Plan:
    """Plan the step between two forms, which is the team's own from the start."""
    from .upcasters import add_upcaster  # noqa: PLC0415 - with the driver, that no model needs

    tree = Tree(ROOT)
    add_upcaster(tree, project(), name)
    return Plan(tree.outcomes())


def _parts(
    model: Model, kind: str | None, name: str | None, *, is_sketch: bool, remove: bool
) -> Plan:
    """Plan one part of a model; without a kind, all of it.

    Raises:
        ModelRemoval: the model lacks what was generated before, which is not to be removed.
    """
    memory = Memory() if is_sketch else Memory.read(ROOT)
    missing = [] if is_sketch or remove else removals(memory.model, model.data)
    if missing:
        raise ModelRemoval(REMOVALS.format(removals="\n  ".join(map(str, missing))))
    tree = Tree(ROOT, memory, restoring=kind is not None)
    parts = Scaffold(model, tree)
    if kind is None:
        add_everything(parts)
        tree.remove_the_rest()
    else:
        add(parts, kind, name)
    outcomes = tree.outcomes()
    text = tree.memory(model.data).text()
    return Plan(outcomes, [] if is_sketch else [Outcome(FILE, "new", text)])


def _tried(plan: Plan, *, dry_run: bool) -> tuple[list[Outcome], Consequences]:
    """Try the code in a copy; return its diagrams, and what follows from it for others.

    Raises:
        NotDrawn: the code does not work; the differences of a dry run are printed all the same.
    """
    click.echo("trying the code in a copy and drawing its diagrams there ...")
    try:
        with copy_with(ROOT, plan.outcomes) as copy:
            diagrams, following = tried(ROOT, copy)
    except NotDrawn as error:
        if dry_run:
            print_report(plan.outcomes, Consequences(), dry_run=True)
        if any(each.state == "left" for each in plan.outcomes):
            raise NotDrawn(f"{error}{KEPT_FILES_HINT}") from error
        raise
    return [Outcome(Path(FOLDER, name), "new", text) for name, text in diagrams.items()], following
