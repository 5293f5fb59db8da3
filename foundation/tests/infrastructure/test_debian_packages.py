"""Programs fetched from Debian's archive, with an archive and an apt of the tests' own."""

import fcntl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from carafe.development.servers import packages
from carafe.development.servers.errors import MissingPart
from carafe.development.servers.packages import unpacked_debian_package
from carafe.testing.processes import wait_until

ADVICE = "run `sudo apt-get install tool`"
NEVER = threading.Event()

APT = """#!/bin/sh
# Plays apt-get: "downloads" the archive beside it into the folder that the options name.
echo "$@" >> {here}/calls
for option in "$@"; do
    case "$option" in
        Dir::Cache::archives=*) archives=${{option#*=}} ;;
    esac
done
case "$*" in
    *"--download-only install tool") cp {here}/tool.deb "$archives/" ;;
    *"install slow") touch {here}/hangs; exec sleep 600 ;;
    *install*) echo "E: Unable to locate package other"; exit 100 ;;
esac
"""


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package, an apt that knows only it, and an empty folder for what is fetched."""
    here = tmp_path / "archive"
    (here / "tool/DEBIAN").mkdir(parents=True)
    control = "Package: tool\nVersion: 1\nArchitecture: all\nMaintainer: us\nDescription: x\n"
    (here / "tool/DEBIAN/control").write_text(control)
    (here / "tool/usr/lib").mkdir(parents=True)
    (here / "tool/usr/lib/tool").write_text("content")
    build = [
        "dpkg-deb",
        "--root-owner-group",
        "--build",
        str(here / "tool"),
        str(here / "tool.deb"),
    ]
    subprocess.run(build, check=True, capture_output=True)
    (here / "apt-get").write_text(APT.format(here=here))
    (here / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", str(here), prepend=":")
    monkeypatch.setattr(packages, "FOLDER", tmp_path / "fetched")
    return here


def test_a_package_is_unpacked_once_and_installed_nowhere(archive: Path) -> None:
    told: list[str] = []
    root = unpacked_debian_package("tool", ADVICE, told.append, NEVER)
    assert (root / "usr/lib/tool").read_text() == "content"
    assert not Path("/usr/lib/tool").exists()
    calls = (archive / "calls").read_text()
    assert unpacked_debian_package("tool", ADVICE, told.append, NEVER) == root
    assert (archive / "calls").read_text() == calls
    assert told == ["fetching tool from Debian's archive, this once"]
    left = {path.name for path in packages.FOLDER.iterdir()}
    assert left == {"tool", "tool.log", "lock"}


@pytest.mark.usefixtures("archive")
def test_what_an_interrupted_run_left_is_no_obstacle() -> None:
    (packages.FOLDER / "work/tree/usr/lib").mkdir(parents=True)
    (packages.FOLDER / "work/tree/usr/lib/stale").touch()
    root = unpacked_debian_package("tool", ADVICE, lambda _: None, NEVER)
    assert [path.name for path in (root / "usr/lib").iterdir()] == ["tool"]


@pytest.mark.usefixtures("archive")
def test_a_package_that_cannot_be_fetched_says_why_and_what_to_do() -> None:
    with pytest.raises(MissingPart) as caught:
        unpacked_debian_package("other", ADVICE, lambda _: None, NEVER)
    assert str(caught.value) == (
        f"other could not be fetched (E: Unable to locate package other): {ADVICE}."
    )
    assert not (packages.FOLDER / "other").exists()


@pytest.mark.usefixtures("archive")
def test_a_system_without_apt_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingPart) as caught:
        unpacked_debian_package("tool", ADVICE, lambda _: None, NEVER)
    assert str(caught.value) == (
        f"tool could not be fetched (No such file or directory: apt-get): {ADVICE}."
    )


@pytest.fixture
def other_run(archive: Path) -> Iterator[None]:
    """A run of another process, which fetches for long."""
    del archive
    packages.FOLDER.mkdir()
    with (packages.FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_a_fetch_that_hangs_ends_when_it_is_abandoned(archive: Path) -> None:
    abandoned = threading.Event()
    caught: list[MissingPart] = []

    def fetch() -> None:
        try:
            unpacked_debian_package("slow", ADVICE, lambda _: None, abandoned)
        except MissingPart as missing:
            caught.append(missing)

    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    wait_until((archive / "hangs").exists)
    abandoned.set()
    thread.join(10)
    assert str(caught[0]) == f"slow could not be fetched (interrupted): {ADVICE}."


@pytest.mark.usefixtures("archive")
def test_a_fetch_that_takes_too_long_is_given_up_and_tells_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(packages, "FETCH_SECONDS", 1.0)
    monkeypatch.setattr(packages, "TELL_SECONDS", 0.3)
    told: list[str] = []
    with pytest.raises(MissingPart, match=r"not there after 1 s"):
        unpacked_debian_package("slow", ADVICE, told.append, NEVER)
    assert "still fetching, after 0 s" in told


@pytest.mark.usefixtures("other_run")
def test_what_is_there_does_not_wait_for_a_run_that_fetches() -> None:
    (packages.FOLDER / "tool").mkdir()
    root = unpacked_debian_package("tool", ADVICE, lambda _: None, NEVER)
    assert root == packages.FOLDER / "tool"


@pytest.mark.usefixtures("other_run")
def test_waiting_for_a_run_that_fetches_ends_when_it_is_abandoned() -> None:
    abandoned = threading.Event()
    abandoned.set()
    with pytest.raises(MissingPart, match="interrupted"):
        unpacked_debian_package("tool", ADVICE, lambda _: None, abandoned)
