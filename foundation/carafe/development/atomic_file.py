"""Replaces files as a whole, so that nobody ever reads half of one."""

import os
import stat
import tempfile
from pathlib import Path

OWNER_ONLY = 0o600
EVERYBODY_READS = 0o644


def replace(path: Path, content: bytes, new_mode: int = OWNER_ONLY) -> None:
    """Give a file a new content, in one step; its permissions stay, a link stays a link.

    Args:
        path: of the file.
        content: all of it.
        new_mode: permissions of a file that is not there yet.

    Raises:
        OSError: the file cannot be written; the old one is still there, and no other.
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
