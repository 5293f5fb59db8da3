"""The second half of an upgrade: code mods, checks in the copy, and writing what passes."""

import contextlib
from pathlib import Path

import click

from .child import call
from .database_changes import NotComparable, database_changes
from .errors import UpgradeFailed
from .steps import Step, StepFailed, run_step
from .working_copy import AFTER, changes
from .workspace import State, Workspace
from .writing import require_untouched

PYTHON = Path(".venv/bin/python")

INSTALL = Step("packages", ("make", "install"))

# What follows from the code: a newer ruff formats, and a newer carafe draws, otherwise.
DERIVED = (
    Step("format", ("make", "format")),
    Step("diagrams", (".venv/bin/carafe", "diagrams")),
)

CHECKS = (
    Step("lint", ("make", "lint")),
    Step("contracts check", (".venv/bin/carafe", "contracts", "check")),
    Step("database check", (".venv/bin/carafe", "database", "check")),
    Step("tests", ("make", "test")),
)

# Parts of the environment that were fetched from elsewhere than pip, and are the same in any.
FETCHED = ("debian", "npm")


def check(workspace: Workspace, state: State) -> None:
    """Bring the copy into its final form, and run every check in it.

    Args:
        workspace: with the merged copy.
        state: of the upgrade; it is told when the code mods have been applied.

    Raises:
        UpgradeFailed: a check does not pass, or a code mod fails.
    """
    copy = workspace.copy
    copy.mark(AFTER, copy.commit("merged"))
    require_untouched(workspace.root, changes(copy.folder))  # nobody waits in vain
    _step(workspace, INSTALL)
    _share_fetched(workspace)
    if not state.has_mods:
        _apply_mods(workspace, state)
        state.has_mods = True
    for step in DERIVED:
        _step(workspace, step)
    copy.mark(AFTER, copy.commit("upgraded"))
    for step in CHECKS:
        _step(workspace, step)
    _compare_databases(workspace)


def _step(workspace: Workspace, step: Step) -> None:
    log = workspace.folder / f"{step.name.replace(' ', '-')}.log"
    run_step(step, workspace.copy.folder, log)


def _share_fetched(workspace: Workspace) -> None:
    """Let the copy's environment have what the service's has fetched from elsewhere."""
    for name in FETCHED:
        own = workspace.root / ".venv" / name
        if own.exists():
            with contextlib.suppress(FileExistsError):
                (workspace.copy.folder / ".venv" / name).symlink_to(own.resolve())


def _apply_mods(workspace: Workspace, state: State) -> None:
    """Apply the code mods of the new wheel; where one fails, none has changed anything."""
    copy = workspace.copy
    values = {"present": state.present, "target": state.target, "folder": str(copy.folder)}
    try:
        done = call(copy.folder / PYTHON, workspace.folder / "unpacked", "apply_mods", **values)
    except UpgradeFailed as error:
        copy.reset()
        raise StepFailed(f"a code mod failed: {error}") from error
    for each in done:
        click.echo(f"  {each['summary']}: {', '.join(each['files']) or 'nothing to change'}")


def _compare_databases(workspace: Workspace) -> None:
    """Show what a deployment must change in the database."""
    try:
        lines = database_changes(workspace.copy, workspace.subfolder("comparison"))
    except NotComparable as error:
        click.echo(f"  database plan … left out: {error}")
        return
    remark = "apply it before the deployment:" if lines else "nothing differs"
    click.echo(f"  database plan … {remark}")
    for line in lines:
        click.echo(f"    {line}")
