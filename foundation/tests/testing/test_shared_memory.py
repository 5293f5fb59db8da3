"""Data of test servers lie in memory while the tests run, and nothing is left there."""

import subprocess
import sys
from pathlib import Path

import pytest

from carafe.testing import shared_memory
from carafe.testing.shared_memory import data_in_memory

KILLED = """
import os, pathlib, sys
from carafe.testing.shared_memory import data_in_memory
with data_in_memory(pathlib.Path(sys.argv[1])):
    print(os.readlink(sys.argv[1]), flush=True)
    os.kill(os.getpid(), 9)
"""


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in place of the machine's memory, with room enough."""
    folder = tmp_path / "memory"
    folder.mkdir()
    monkeypatch.setattr(shared_memory, "SHARED_MEMORY", folder)
    monkeypatch.setattr(shared_memory, "ROOM_BYTES", 0)
    return folder


def test_what_is_written_lies_in_memory_and_goes_with_it(memory: Path, tmp_path: Path) -> None:
    data = tmp_path / "stack/mongodb/data"
    with data_in_memory(data):
        (data / "journal").write_text("x")
        assert data.resolve().is_relative_to(memory)
    assert list(memory.iterdir()) == []


def test_without_room_the_folder_is_left_to_its_server(
    memory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_memory, "ROOM_BYTES", 1024**6)
    with data_in_memory(tmp_path / "data"):
        assert not (tmp_path / "data").exists()
    assert list(memory.iterdir()) == []


def test_on_a_machine_without_such_memory_the_folder_is_left_to_its_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_memory, "SHARED_MEMORY", tmp_path / "nowhere")
    with data_in_memory(tmp_path / "data"):
        assert not (tmp_path / "data").exists()


def test_what_a_killed_run_left_goes_with_the_next_one_and_nothing_else(
    memory: Path, tmp_path: Path
) -> None:
    program = KILLED.replace(
        "with data",
        f"from carafe.testing import shared_memory\nshared_memory.SHARED_MEMORY = "
        f"pathlib.Path({str(memory)!r})\nshared_memory.ROOM_BYTES = 0\nwith data",
        1,
    )
    command = [sys.executable, "-c", program, str(tmp_path / "killed")]
    killed = subprocess.run(command, capture_output=True, text=True, check=False)
    abandoned = Path(killed.stdout.strip())
    assert abandoned.is_dir()
    with data_in_memory(tmp_path / "first"):
        assert not abandoned.exists()
        with data_in_memory(tmp_path / "second"):
            assert (tmp_path / "first").is_dir()
    assert list(memory.iterdir()) == []
