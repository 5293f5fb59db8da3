"""What a deployment must change in the database: declared by the service before and after.

Neither is compared with a live database, which only those who deploy can reach: the service's
validators and indexes of before are applied to a MongoDB that lives as long as the comparison.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from carafe.development.servers.errors import LocalServerError
from carafe.development.servers.mongodb import MongoServer

from .errors import UpgradeFailed
from .working_copy import BEFORE, Copy

DRIFT = 2
"""The exit code of `carafe database plan` if there are differences."""


class NotComparable(Exception):
    """The databases cannot be compared here; the message says why."""


def database_changes(copy: Copy, folder: Path) -> list[str]:
    """Return what `carafe database plan` says after the upgrade; empty if nothing differs.

    Args:
        copy: of the service, with its environment.
        folder: an empty one, for the database and the service as it was.

    Raises:
        NotComparable: there is no MongoDB for this machine, or the service before had faults.
        UpgradeFailed: the upgraded service cannot read what the one before stores.
    """
    before = folder / "before"
    # Forced: git remembers the one of a comparison that was killed.
    copy.git("worktree", "add", "--quiet", "--force", "--detach", str(before), BEFORE)
    try:
        with _mongodb(folder / "mongodb") as uri:
            applied, output = _carafe(before, (sys.executable, "-m", "carafe"), "apply", uri)
            if applied != 0:
                raise NotComparable(_last(output))
            planned, output = _carafe(copy.folder, (".venv/bin/carafe",), "plan", uri)
    finally:
        copy.git("worktree", "remove", "--force", str(before))
    if planned not in {0, DRIFT}:
        raise UpgradeFailed(f"`carafe database plan` fails in the copy: {_last(output)}")
    return output.splitlines() if planned == DRIFT else []


@contextmanager
def _mongodb(folder: Path) -> Iterator[str]:
    """Yield the address of a MongoDB that lives as long as the block."""
    folder.mkdir()
    server = MongoServer(folder)
    try:
        server.start()
        yield server.uri
    except LocalServerError as error:
        raise NotComparable(str(error)) from error
    finally:
        server.stop()


def _carafe(tree: Path, command: Sequence[str], words: str, uri: str) -> tuple[int, str]:
    """Run `carafe database …` in a tree, and return its exit code and its output."""
    result = subprocess.run(  # noqa: S603 - the command itself
        [*command, "database", words],
        cwd=tree,
        env=_environment(uri),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout + result.stderr


def _environment(uri: str) -> dict[str, str]:
    """Return the environment of a service of which nothing but the database is there."""
    nowhere = "http://127.0.0.1:9"
    queues = dict.fromkeys(("NUDGE_QUEUE_URL", "COMMAND_QUEUE_URL", "TOKEN_ISSUER"), nowhere)
    place = {"MONGO_URI": uri, "MONGO_DATABASE": "upgrade", "EVENT_BUS_TYPE": "base"}
    return {**os.environ, **queues, **place}


def _last(output: str) -> str:
    return (output.strip().splitlines() or ["it gave no reason"])[-1]
