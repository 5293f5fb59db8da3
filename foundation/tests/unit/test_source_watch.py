"""Whether the code of a service has changed on the disk."""

import os
from pathlib import Path

import pytest

from carafe.development.source_watch import SourceWatch


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "chalicelib/domain").mkdir(parents=True)
    for each in ("app.py", "chalicelib/domain/loan.py"):
        (tmp_path / each).write_text("first")
    return tmp_path


def looks(watch: SourceWatch, times: int = 3) -> list[bool]:
    return [watch.has_changed() for _ in range(times)]


def test_nothing_has_changed(root: Path) -> None:
    watch = SourceWatch(root)
    (root / "chalicelib/notes.txt").touch()
    (root / "tests.py").touch()
    assert looks(watch) == [False] * 3


@pytest.mark.parametrize(
    "name", ["app.py", "chalicelib/domain/loan.py", "chalicelib/domain/new.py"]
)
def test_a_change_is_noticed_once_when_the_files_are_quiet(root: Path, name: str) -> None:
    watch = SourceWatch(root)
    (root / name).write_text("longer than before")
    assert not watch.has_changed()
    (root / name).write_text("still being written, and longer again")
    assert looks(watch) == [False, True, False]


def test_a_file_that_is_gone_is_a_change(root: Path) -> None:
    watch = SourceWatch(root)
    (root / "chalicelib/domain/loan.py").unlink()
    assert looks(watch) == [False, True, False]


def test_a_folder_that_goes_during_a_look_is_no_fault(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch, scandir = SourceWatch(root), os.scandir

    def gone(path: str) -> object:
        if Path(path).name == "domain":
            raise FileNotFoundError(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", gone)
    assert looks(watch) == [False, True, False]
