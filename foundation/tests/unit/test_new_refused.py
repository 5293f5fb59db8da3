"""What `carafe new` refuses: in a line that says what to do, with nothing made."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from carafe.development.cli import main

LENDING = ("--name", "Lending Desk", "--context", "lending", "--port", "8123")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with something in it, and a service."""
    folder = tmp_path / "place"
    (folder / "full").mkdir(parents=True)
    (folder / "full/file").touch()
    (folder / "loop").symlink_to("loop")
    for part in ("app.py", "chalicelib", ".chalice", "tests/unit"):
        (folder / "service" / part).mkdir(parents=True)
    (folder / "link").symlink_to(folder / "service")
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["full", *LENDING], "full is not empty"),
        (["full/file", *LENDING], "file is a file"),
        (["full/file/lending", *LENDING], "/full/file is a file"),
        (["/proc/lending", *LENDING], r"/proc/lending cannot be made \("),
        (["x" * 300, *LENDING], r"x cannot be made \(File name too long\)"),
        (["loop/lending", *LENDING], r"lending cannot be made \("),
        (["link/lending", *LENDING], "lies in the service .+/service: name a folder outside"),
        (["service/lending", *LENDING], "lies in the service .+/service: name a folder outside"),
        (["service/tests/unit/lending", *LENDING], "lies in the service .+/service: name"),
        (["new", *LENDING, "--name", "lending"], "the name 'lending' must be like Lending Desk"),
        (["new", *LENDING, "--context", "class"], "the context 'class' is a word of Python's"),
        (["new", *LENDING, "--context", "carafe"], "what a part of every service is called"),
        (["new", *LENDING, "--context", "app"], "what a part of every service is called"),
        (["new", *LENDING, "--context", "Len-ding"], "one word of 2 to 30 small letters"),
        (["new", *LENDING, "--context", "x" * 31], "one word of 2 to 30 small letters"),
        (["new", *LENDING, "--port", "0"], "the port '0' must be a number from 1 to 65535"),
        (["new", *LENDING, "--port", "65536"], "the port '65536' must be"),
        (["new", *LENDING, "--port", "http"], "the port 'http' must be"),
        (["new", "--name", "Lending Desk"], "nobody can be asked here: give --context, or --yes"),
        (["new"], "nobody can be asked here: give --name, or --yes"),
        (["new", "--context", "class"], "the context 'class' is a word of Python's"),
        (["new", "--port", "http"], "the port 'http' must be"),
        (["24", "--port", "http", "--yes"], "the port 'http' must be"),
        (["24", "--yes"], "--name is needed: the folder's name suggests none"),
        (["service2", "--yes"], "--context is needed"),
        (["new", "--sample", "--port", "8100"], "leave out --port"),
    ],
)
def test_what_cannot_be_is_told_in_a_line_and_nothing_is_made(
    place: Path, words: list[str], reason: str
) -> None:
    before = sorted(place.rglob("*"))
    done = CliRunner().invoke(main, ["new", *words])
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert re.match(f"error: nothing was made: .*{reason}", line)
    assert sorted(place.rglob("*")) == before
