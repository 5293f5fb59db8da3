"""The folder of an upgrade that is under way, `.local/upgrade` in the service."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct, field

from carafe.development.atomic_file import replace

from .errors import UpgradeFailed
from .working_copy import Copy

FOLDER = Path(".local/upgrade")


class State(Struct):
    """How far an upgrade is that waits for a person, or was cut off while it was written.

    Attributes:
        present: the version that the service has.
        target: the version that it gets.
        digest: SHA-256 of the new wheel.
        conflicts: the files that a person must settle.
        has_mods: whether the code mods have been applied.
        is_written: whether the service's own files are being replaced.
    """

    present: str
    target: str
    digest: str
    conflicts: list[str] = field(default_factory=list)
    has_mods: bool = False
    is_written: bool = False


class Workspace:
    """The folder of an upgrade.

    Args:
        root: of the service.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / FOLDER
        self.copy = Copy(self.folder / "copy")
        self.wheel = self.folder / "wheel"
        self._state = self.folder / "state.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let no other upgrade of this service run during the block.

        Raises:
            UpgradeFailed: another one runs.
        """
        # The service's folder itself is locked: no file is left over.
        descriptor = os.open(self.root, os.O_RDONLY)
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def begin(self) -> None:
        """Make the folder anew; git ignores it whatever the service's .gitignore says."""
        self.drop()
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / ".gitignore").write_text("*\n")

    def subfolder(self, name: str) -> Path:
        """Return an empty folder in it."""
        shutil.rmtree(self.folder / name, ignore_errors=True)
        (self.folder / name).mkdir()
        return self.folder / name

    def state(self) -> State | None:
        """Return how far the upgrade is; None if none waits.

        Raises:
            UpgradeFailed: the file is damaged.
        """
        try:
            return msgspec.json.decode(self._state.read_bytes(), type=State)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except msgspec.DecodeError as error:
            raise UpgradeFailed(
                f"{self._state} is damaged ({error}): remove the folder {FOLDER}"
            ) from error

    def save(self, state: State) -> None:
        """Remember how far the upgrade is."""
        replace(self._state, msgspec.json.format(msgspec.json.encode(state)) + b"\n")

    def drop(self) -> None:
        """Remove the folder."""
        self._state.unlink(missing_ok=True)  # first: without it, the rest counts for nothing
        shutil.rmtree(self.folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.folder.parent.rmdir()  # if nothing else is in it


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UpgradeFailed("another `carafe upgrade` runs here: wait until it ends") from None
