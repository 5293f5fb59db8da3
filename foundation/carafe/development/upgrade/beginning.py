"""The first half of an upgrade: wheels, what changed between them, and the merge in the copy."""

import sys
from pathlib import Path
from typing import Any, NamedTuple

import click

import carafe
from carafe.development.new.origin import NotRemembered, read_table

from .changelog import IN_WHEEL, changes_between
from .child import call
from .contents import content_at, put
from .errors import UpgradeFailed
from .merge import Merge, merge_templates
from .requirements import move_pins, pinned_version
from .service import copy_tracked, require_clean
from .versions import is_upgrade, parsed, require_command_for
from .wheels import IN_SERVICE, Wheel, fetch, wheels_of
from .workspace import State, Workspace


class Request(NamedTuple):
    """What the command line asks for.

    Attributes:
        version: the target; None for the latest.
        find_links: a folder of wheels; None for what pip knows.
        digest: the SHA-256 that the wheel must have; empty for any.
    """

    version: str | None
    find_links: Path | None
    digest: str


def begin(workspace: Workspace, request: Request) -> State | None:
    """Make a copy with the new requirement, in which the new templates are merged.

    Returns:
        How far it is; None if the service has that version already.

    Raises:
        UpgradeFailed: the service cannot be upgraded; nothing is left.
    """
    root = workspace.root
    require_clean(root)
    present, table = pinned_version(root), _remembered(root)
    require_command_for(present, carafe.__version__)
    if request.version is not None:
        parsed(request.version)
    new = fetch(root, request.version, workspace.subfolder("wheel"), request.find_links)
    _require_digest(new, request.digest)
    if not is_upgrade(present, new.version):
        click.echo(f"The service has carafe-foundation {present} already.")
        return None
    old = fetch(root, table["version"], workspace.subfolder("old-wheel"), request.find_links)
    click.echo(f"carafe-foundation {present} → {new.version}, sha256:{new.digest}\n")
    unpacked = new.unpack(workspace.subfolder("unpacked"))
    _show_changes(unpacked, present, new.version)
    _copy_with(workspace, new)
    merge = _merge(workspace, table, old.unpack(workspace.subfolder("old")), new)
    for note in merge.notes:
        click.echo(f"  note: {note}")
    return State(present, new.version, new.digest, merge.conflicts)


def _remembered(root: Path) -> dict[str, Any]:
    try:
        return read_table(root)
    except NotRemembered as error:
        raise UpgradeFailed(str(error)) from error


def _require_digest(wheel: Wheel, digest: str) -> None:
    if digest and digest.removeprefix("sha256:").lower() != wheel.digest:
        raise UpgradeFailed(
            f"the wheel of {wheel.version} is another than expected: its hash is "
            f"sha256:{wheel.digest}"
        )


def _show_changes(unpacked: Path, present: str, target: str) -> None:
    content = content_at(unpacked / IN_WHEEL)
    changelog = content.data.decode() if content else ""
    click.echo(changes_between(changelog, present, target))
    values = {"present": present, "target": target}
    for summary in call(Path(sys.executable), unpacked, "list_mods", **values):
        click.echo(f"\nChanged in your code: {summary}")
    click.echo("")


def _copy_with(workspace: Workspace, new: Wheel) -> None:
    """Make the copy, and let it need the new wheel."""
    copy = workspace.copy
    copy_tracked(workspace.root, workspace.subfolder("copy"))
    copy.begin()
    for path in (own := wheels_of(copy.folder)):
        path.unlink()
    if own:
        put(copy.folder / IN_SERVICE / new.path.name, content_at(new.path))
        copy.git("add", "--force", IN_SERVICE)
    move_pins(copy.folder, new.version, new.digest)
    copy.commit(f"requires carafe-foundation {new.version}")


def _merge(workspace: Workspace, table: dict[str, Any], old: Path, new: Wheel) -> Merge:
    """Merge what is new in the templates."""
    python = Path(sys.executable)
    base, theirs = workspace.subfolder("base"), workspace.subfolder("theirs")
    call(python, old, "write_templates", folder=str(base), **table)
    call(python, workspace.folder / "unpacked", "write_templates", folder=str(theirs), **table)
    return merge_templates(workspace.copy, base, theirs, table["version"], new.version)
