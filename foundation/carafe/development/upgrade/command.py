"""The command `upgrade`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from carafe.development.interruption import interruptible
from carafe.development.project import CallerPath, project

from .beginning import Request, begin
from .completion import check
from .errors import UpgradeFailed
from .git import GitFailed
from .merge import conflicted
from .service import ignored
from .working_copy import AFTER, BEFORE, Change
from .workspace import FOLDER, State, Workspace
from .writing import undo, write

FOLDERS = CallerPath(exists=True, file_okay=False)


@click.command("upgrade")
@click.argument("version", required=False)
@click.option("--find-links", metavar="DIR", type=FOLDERS, help="A further folder of wheels.")
@click.option("--hash", "digest", default="", metavar="sha256:…", help="Of the wheel to accept.")
@click.option("--dry-run", is_flag=True, help="Write nothing; show what would be written.")
@click.option("--continue", "action", flag_value="continue", help="Go on in the copy.")
@click.option("--abort", "action", flag_value="abort", help="Drop the copy.")
@click.option("--undo", "action", flag_value="undo", help="Take the last upgrade back.")
def upgrade(
    *,
    version: str | None,
    find_links: Path | None,
    digest: str,
    dry_run: bool,
    action: str | None,
) -> None:
    """Bring the service to VERSION of the foundation; to the latest one without it.

    In a copy, the requirement is moved, code mods are applied, and what is new in the files that
    `carafe new` made is merged; then every check and every test runs there. What passes is written
    into the service, uncommitted. Where something is left to do by hand, the copy stays, for
    --continue or --abort.

    \b
    Example:
        carafe upgrade --dry-run
        carafe upgrade 1.1.0 --find-links ~/wheels
        carafe upgrade --undo
    """
    if action and (version or find_links or digest or dry_run):
        raise click.UsageError(f"--{action} takes nothing else.")
    workspace = Workspace(project().root)
    with workspace.locked(), interruptible(), _in_a_line(workspace):
        if action == "undo":
            _undo(workspace)
        elif action == "abort":
            _abort(workspace)
        elif action == "continue":
            _go_on(workspace)
        else:
            _upgrade(workspace, Request(version, find_links, digest), is_dry_run=dry_run)


@contextmanager
def _in_a_line(workspace: Workspace) -> Iterator[None]:
    """Tell what the disk or git refused in a line, with what to do about a write cut off by it."""
    try:
        yield
    except (OSError, GitFailed) as error:
        reason = f"{error.strerror}: {error.filename}" if isinstance(error, OSError) else str(error)
        state = workspace.state()
        raise UpgradeFailed(f"{reason}. {_how_to_end(state)}" if state else reason) from error


def _upgrade(workspace: Workspace, request: Request, *, is_dry_run: bool) -> None:
    if (state := workspace.state()) is not None:
        raise UpgradeFailed(_how_to_end(state))
    workspace.begin()
    try:
        state = begin(workspace, request)
        if state is not None:
            # Each of them: git leaves no marks where it cannot merge lines.
            _complete(workspace, state, state.conflicts, is_dry_run=is_dry_run)
    except SystemExit:  # by Ctrl-C or SIGTERM
        _tell_interruption(workspace)
        raise
    finally:
        if workspace.state() is None:  # nobody is waited for
            workspace.drop()


def _tell_interruption(workspace: Workspace) -> None:
    state = workspace.state()
    remedy = _how_to_end(state) if state else "stopped in the middle; the service is as it was"
    click.echo(f"\nerror: {remedy}", err=True)


def _complete(
    workspace: Workspace, state: State, conflicts: list[str], *, is_dry_run: bool = False
) -> None:
    """Check the copy, and write it; where a person is needed, it waits."""
    try:
        if not state.is_written:
            _require_settled(workspace, conflicts)
            check(workspace, state)
        if is_dry_run:
            click.echo(workspace.copy.git("diff", BEFORE, AFTER))
            click.echo("Everything passes. Nothing was written.")
            return
        differences = write(workspace, state)
    except UpgradeFailed as error:
        if is_dry_run:
            raise
        workspace.save(state)
        raise UpgradeFailed(f"{error}. {_how_to_end(state)}") from error
    workspace.drop()
    _show_files(differences)
    if names := ignored(workspace.root, [each.path for each in differences if each.after]):
        click.echo(f"\ngit ignores some of them: git add --force {' '.join(names)}")
    click.echo(
        f"\nThe service has carafe-foundation {state.target}. `make install` installs it; look at "
        "`git diff`, and commit. `carafe upgrade --undo` takes it back."
    )


def _require_settled(workspace: Workspace, conflicts: list[str]) -> None:
    """Show the conflicts that are left for a person, and raise UpgradeFailed if there are any."""
    if conflicts:
        click.echo(workspace.copy.git("diff"))
        raise UpgradeFailed(f"conflicts are left in the copy: {', '.join(conflicts)}")


def _go_on(workspace: Workspace) -> None:
    state = _waiting(workspace)
    try:
        _complete(workspace, state, conflicted(workspace.copy, state.conflicts))
    except SystemExit:  # by Ctrl-C or SIGTERM
        _tell_interruption(workspace)
        raise
    finally:
        if workspace.state() is not None:
            workspace.save(state)


def _abort(workspace: Workspace) -> None:
    if _waiting(workspace).is_written:
        raise UpgradeFailed(_how_to_end(_waiting(workspace)))
    workspace.drop()
    click.echo("The copy is dropped; the service is as it was.")


def _waiting(workspace: Workspace) -> State:
    state = workspace.state()
    if state is None:
        raise UpgradeFailed("no upgrade is under way: begin one with `carafe upgrade`")
    return state


def _undo(workspace: Workspace) -> None:
    state = workspace.state()
    if state is not None and not state.is_written:
        raise UpgradeFailed(_how_to_end(state))
    undone, differences = undo(workspace.root)
    workspace.drop()
    _show_files([Change(each.path, each.after, each.before) for each in differences])
    click.echo(f"\nThe service has carafe-foundation {undone.present} again: `make install`.")


def _how_to_end(state: State) -> str:
    """Return what to do about an upgrade that is under way."""
    if state.is_written:
        return (
            f"The upgrade to {state.target} was cut off while it was written: "
            "`carafe upgrade --continue` writes the rest, `--undo` takes it back"
        )
    return (
        f"The upgrade to {state.target} waits in {FOLDER / 'copy'}, with the output of each step "
        "beside it: settle it there, then `carafe upgrade --continue`; or `--abort` drops it"
    )


def _show_files(differences: list[Change]) -> None:
    for path, before, after in differences:
        state = "new" if before is None else "removed" if after is None else "changed"
        click.echo(f"  {state:<8} {path}")
