"""`carafe new`: a whole service, or nothing and one line that says why."""

import os
import pty
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from carafe.development.new.files import render
from carafe.development.new.sample import IDENTITY, files_below
from carafe.testing.processes import wait_until
from tests.support.commands import environment, output_of
from tests.support.new_service import Installation
from tests.support.places import ROOT

LENDING = ("--name", "Lending Desk", "--context", "lending", "--port", "8123")

SECONDS = 30

# What tells how far the making is: files written, wheel built, diagrams drawn.
MOMENTS = (
    ".lending.*/service/app.py",
    ".lending.*/service/wheels/*.whl",
    ".lending.*/*/diagrams/*",
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """An empty folder to make services in."""
    folder = tmp_path / "place"
    folder.mkdir()
    return folder


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_a_service_is_where_it_was_wanted_and_nothing_else_is(
    installation: Installation, place: Path
) -> None:
    output = output_of(place, str(installation.carafe), "new", "a/b/lending", *LENDING)
    assert _names(place) == ["a"]
    assert _names(place / "a/b") == ["lending"]
    service = place / "a/b/lending"
    committed = output_of(service, "git", "ls-files").split()
    assert f"Lending Desk is in {service}: {len(committed) - 1} files with " in output
    ignored = ("--cached", "--ignored", "--exclude-standard")
    assert output_of(service, "git", "ls-files", *ignored) == ""
    assert "cd a/b/lending\n" in output
    assert "make run" in output
    assert (service.stat().st_mode & 0o777) == (place.stat().st_mode & 0o777)


def test_an_empty_folder_is_filled_and_stays_the_same(
    installation: Installation, place: Path
) -> None:
    folder = place / "lending"
    folder.mkdir()
    before = folder.stat().st_ino
    output_of(folder, str(installation.carafe), "new", ".", *LENDING)
    assert folder.stat().st_ino == before
    assert _names(place) == ["lending"]
    assert output_of(folder, "git", "status", "--porcelain") == ""


def test_with_yes_the_names_follow_from_the_folder(installation: Installation, place: Path) -> None:
    output_of(place, str(installation.carafe), "new", "bicycle-repairs", "--yes")
    declaration = place / "bicycle-repairs/chalicelib/infrastructure/bootstrap.py"
    assert 'name="bicycle",\n    title="Bicycle Repairs",' in declaration.read_text()


# What a shell without a terminal starts in the background ignores Ctrl-C, and so do its children.
HEEDING = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)


@contextmanager
def _in_a_terminal(place: Path, *words: str) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run a command in a terminal of its own; yield it, and the terminal's other end."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", HEEDING, *words],
        cwd=place,
        env=environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield child, ours
    finally:
        if child.poll() is None:
            child.kill()
        child.wait(30)
        os.close(ours)


def _until(terminal: int, sign: str) -> str:
    """Read the output until it contains a sign, and return it."""
    output = ""
    while sign not in output and select.select([terminal], [], [], SECONDS)[0]:
        try:
            output += os.read(terminal, 4096).decode()
        except OSError:  # the child has ended
            break
    assert sign in output, output
    return output


def _waits(child: "subprocess.Popen[bytes]") -> bool:
    """Return whether a process sleeps: it waits for an answer."""
    return Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[0] == "S"


def test_what_no_option_gives_is_asked_until_the_answer_is_valid(
    installation: Installation, place: Path
) -> None:
    command = (str(installation.carafe), "new", "lending-desk")
    with _in_a_terminal(place, *command) as (child, terminal):
        assert "[Lending Desk]: " in _until(terminal, ": ")
        os.write(terminal, b"\n")
        assert "Context, one word for machines [lending]: " in _until(terminal, "[lending]: ")
        os.write(terminal, b"class\n")
        _until(terminal, "is a keyword of Python")
        os.write(terminal, b"desk\n")
        _until(terminal, "[8000]: ")
        os.write(terminal, b"99999\n")
        _until(terminal, "must be a number from 1 to 65535")
        os.write(terminal, b"8124\n")
        _until(terminal, "Next:")
        assert child.wait(60) == 0
    declaration = (place / "lending-desk/chalicelib/infrastructure/bootstrap.py").read_text()
    assert 'name="desk",\n    title="Lending Desk",' in declaration
    assert "port=8124,\n" in declaration


@pytest.mark.parametrize("question", ["Name", "Context", "Port"])
def test_ctrl_c_while_asking_leaves_nothing(
    installation: Installation, place: Path, question: str
) -> None:
    with _in_a_terminal(place, str(installation.carafe), "new", "lending") as (child, terminal):
        output = ""
        while question not in output:
            output += _until(terminal, "]: ")
            if question not in output:
                os.write(terminal, b"\n")
        wait_until(lambda: _waits(child))
        os.killpg(child.pid, signal.SIGINT)
        _until(terminal, "error: stopped in the middle; nothing was created")
        assert child.wait(30) == 130
    assert _names(place) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", MOMENTS)
def test_ended_in_the_middle_it_leaves_nothing(
    installation: Installation, place: Path, moment: str, number: signal.Signals
) -> None:
    """As a terminal does it: every process of the command hears of Ctrl-C."""
    child = subprocess.Popen(
        [installation.carafe, "new", "lending", *LENDING],
        cwd=place,
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(lambda: any(place.glob(moment)) or child.poll() is not None, 60)
    os.killpg(child.pid, number)
    _, output = child.communicate(timeout=60)
    assert child.returncode == 128 + number
    assert "Traceback" not in output
    assert _names(place) == []


def test_without_git_there_is_a_service_all_the_same(
    installation: Installation, place: Path
) -> None:
    command = (str(installation.carafe), "new", "lending", *LENDING)
    output = output_of(place, *command, PATH="/nowhere")
    assert "There is no history, since git is not installed" in output
    assert not (place / "lending/.git").exists()
    assert (place / "lending/app.py").exists()


def test_without_an_author_in_git_there_is_a_commit_and_a_note(
    installation: Installation, place: Path, tmp_path: Path
) -> None:
    command = (str(installation.carafe), "new", "lending", *LENDING)
    output = output_of(place, *command, HOME=str(tmp_path), GIT_CONFIG_NOSYSTEM="1")
    assert "since git does not know you: `git commit --amend --reset-author" in output
    log = output_of(place / "lending", "git", "log", "--format=%an %ae")
    assert log == "Carafe carafe@localhost\n"


def test_a_failure_of_git_is_reported_and_leaves_no_half_history(
    installation: Installation, place: Path, tmp_path: Path
) -> None:
    (tmp_path / ".gitconfig").write_text("[commit]\n\ttemplate = /nowhere\n\tstatus = neither\n")
    command = (str(installation.carafe), "new", "lending", *LENDING)
    output = output_of(place, *command, HOME=str(tmp_path))
    assert "There is no history, since git failed (fatal: " in output
    assert (place / "lending/app.py").exists()
    assert not (place / "lending/.git").exists()


def test_its_history_is_its_own_even_when_a_hook_of_another_one_called(
    installation: Installation, place: Path
) -> None:
    output_of(place, "git", "init", "--quiet", "other")
    command = (str(installation.carafe), "new", "lending", *LENDING)
    output_of(place, *command, GIT_DIR=str(place / "other/.git"), GIT_INDEX_FILE="index")
    assert len(output_of(place / "lending", "git", "log", "--oneline").splitlines()) == 1
    assert output_of(place / "other", "git", "count-objects").startswith("0 objects")


def test_the_sample_is_the_reference_service(installation: Installation, place: Path) -> None:
    output_of(place, str(installation.carafe), "new", "sample", "--sample")
    sample = place / "sample"
    committed = output_of(sample, "git", "ls-files").split()
    own = files_below(ROOT)
    assert len(own) > 50
    templates = render(IDENTITY, sample=True)
    for name in committed:
        if name in own:
            assert (sample / name).read_bytes() == own[name].read_bytes(), name
        elif not name.endswith(".whl"):
            assert (sample / name).read_text() == templates[name], name
    assert own.keys() <= set(committed)
