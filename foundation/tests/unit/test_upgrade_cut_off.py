"""What an upgrade replaces is never half there, wherever the command is killed."""

from contextlib import suppress
from itertools import count
from pathlib import Path

import pytest

from carafe.development.upgrade.contents import FILE, LINK, PROGRAM, Content, content_at, put
from carafe.development.upgrade.workspace import State, Workspace
from carafe.testing.cut import Cut

CHANGES = ("unlink", "replace", "symlink_to", "touch", "write_bytes", "chmod")
"""What `pathlib` changes on the disk, a step each."""

TEXT, OTHER_TEXT = Content(FILE, b"text\n"), Content(FILE, b"")
RUN = Content(PROGRAM, b"#!/bin/sh\n")
POINTER, OTHER_POINTER = Content(LINK, b"page.md"), Content(LINK, b"nowhere")


class _Killed(BaseException):
    """Ends the work where a kill would."""


def _kill() -> None:
    raise _Killed


def _is_put_before(step: int, path: Path, content: Content) -> bool:
    """Put something at a path, killed after a step; return whether it took fewer."""
    cut = Cut(step, end=_kill)
    with pytest.MonkeyPatch.context() as patch:
        for name in CHANGES:
            patch.setattr(Path, name, cut.after(getattr(Path, name)))
        with suppress(_Killed):
            put(path, content)
    return not cut.reached


@pytest.mark.parametrize("after", [TEXT, OTHER_TEXT, RUN, POINTER, OTHER_POINTER])
@pytest.mark.parametrize("before", [None, TEXT, RUN, POINTER])
def test_at_a_path_is_what_was_there_or_what_is_to_be_there(
    tmp_path: Path, before: Content | None, after: Content
) -> None:
    path = tmp_path / "page"
    for step in count(1):
        path.unlink(missing_ok=True)
        if before is not None:
            put(path, before)
        is_put = _is_put_before(step, path, after)
        assert content_at(path) in ({after} if is_put else {before, after})
        put(path, after)
        assert content_at(path) == after
        assert list(tmp_path.iterdir()) == [path]
        if is_put:
            return


def test_who_may_read_a_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "page"
    put(path, TEXT)
    path.chmod(0o640)
    put(path, RUN)
    assert path.stat().st_mode & 0o777 == 0o750
    put(path, OTHER_TEXT)
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_state_of_an_upgrade_is_never_half_written(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.begin()
    workspace.save(State("1.0.0", "1.1.0", "digest"))
    with (workspace.folder / "state.json").open() as earlier:
        workspace.save(State("1.0.0", "1.1.0", "digest", is_written=True))
        assert '"is_written": false' in earlier.read()
    state = workspace.state()
    assert state is not None
    assert state.is_written
