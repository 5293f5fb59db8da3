"""Replaces files atomically, so that nobody ever reads half of one."""

import os
import stat
import tempfile
from pathlib import Path

OWNER_ONLY = 0o600
EVERYBODY_READS = 0o644


def replace(path: Path, content: bytes, new_mode: int = OWNER_ONLY) -> None:
    """Replace a file's content in one step; its permissions stay, and a link stays a link.

    Args:
        path: the file.
        content: its new content.
        new_mode: the permissions of a file that does not exist yet.

    Raises:
        OSError: the file cannot be written; the old one is unchanged, and no other is left.
    """
    path = path.resolve()
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else new_mode
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            os.fchmod(file.fileno(), mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
