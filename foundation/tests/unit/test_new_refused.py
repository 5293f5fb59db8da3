"""What `carafe new` refuses: in one line that says what to do, and without creating anything."""

import re
from pathlib import Path

import pytest

from carafe.development.cli import main
from tests.support.command_runner import CommandRunner

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
        (["/proc/lending", *LENDING], r"/proc/lending cannot be created \("),
        (["x" * 300, *LENDING], r"x cannot be created \(File name too long\)"),
        (["loop/lending", *LENDING], r"lending cannot be created \("),
        (["link/lending", *LENDING], "lies in the service .+/service: name a folder outside"),
        (["service/lending", *LENDING], "lies in the service .+/service: name a folder outside"),
        (["service/tests/unit/lending", *LENDING], "lies in the service .+/service: name"),
        (["new", *LENDING, "--name", "lending"], "the name 'lending' must be like Lending Desk"),
        (["new", *LENDING, "--context", "class"], "the context 'class' is a keyword of Python"),
        (["new", *LENDING, "--context", "carafe"], "the name of a part of every service"),
        (["new", *LENDING, "--context", "app"], "the name of a part of every service"),
        (["new", *LENDING, "--context", "Len-ding"], "one word of 2 to 30 lowercase letters"),
        (["new", *LENDING, "--context", "x" * 31], "one word of 2 to 30 lowercase letters"),
        (["new", *LENDING, "--port", "0"], "the port '0' must be a number from 1 to 65535"),
        (["new", *LENDING, "--port", "65536"], "the port '65536' must be"),
        (["new", *LENDING, "--port", "http"], "the port 'http' must be"),
        (
            ["new", "--name", "Lending Desk"],
            "there is no terminal to ask in: give --context, or --yes",
        ),
        (["new"], "there is no terminal to ask in: give --name, or --yes"),
        (["new", "--context", "class"], "the context 'class' is a keyword of Python"),
        (["new", "--port", "http"], "the port 'http' must be"),
        (["24", "--port", "http", "--yes"], "the port 'http' must be"),
        (["24", "--yes"], "--name is needed: the folder's name suggests none"),
        (["service2", "--yes"], "--context is needed"),
        (["new", "--sample", "--port", "8100"], "leave out --port"),
    ],
)
def test_a_bad_request_is_refused_in_one_line_and_nothing_is_created(
    place: Path, words: list[str], reason: str
) -> None:
    before = sorted(place.rglob("*"))
    result = CommandRunner().invoke(main, ["new", *words])
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert re.match(f"error: nothing was created: .*{reason}", line)
    assert sorted(place.rglob("*")) == before
