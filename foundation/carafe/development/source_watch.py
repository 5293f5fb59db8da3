"""The code of a service on a developer's disk, and whether it has changed."""

import os
from collections.abc import Iterator
from pathlib import Path

State = dict[Path, tuple[int, int]]
"""Time of the last change, and size, of each file."""


class SourceWatch:
    """Tells whether the code of the functions has changed.

    Args:
        root: of the service.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known = self._state()
        self._latest = self._known

    def has_changed(self) -> bool:
        """Return whether files have changed since this last returned true.

        While they are still being written, this is false: two looks must see the same.
        """
        latest = self._state()
        is_quiet, self._latest = latest == self._latest, latest
        if not is_quiet or latest == self._known:
            return False
        self._known = latest
        return True

    def _state(self) -> State:
        state = {}
        for each in self._files():
            try:
                status = each.stat()
            except OSError:  # removed meanwhile
                continue
            state[each] = (status.st_mtime_ns, status.st_size)
        return state

    def _files(self) -> Iterator[Path]:
        yield self._root / "app.py"
        # Unlike `rglob`, this passes over a folder that is removed meanwhile.
        for folder, _, names in os.walk(self._root / "chalicelib"):
            yield from (Path(folder, each) for each in names if each.endswith(".py"))
