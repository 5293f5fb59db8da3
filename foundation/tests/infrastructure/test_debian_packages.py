"""Programs fetched from Debian's archive, with an archive and an apt of the tests' own."""

import fcntl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from carafe.development.servers import debian_packages
from carafe.development.servers.debian_packages import fetch_debian_package
from carafe.development.servers.errors import MissingPart
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
    *"install slow")
        echo "Need to get 6,789 kB of archives."
        head -c 3210000 /dev/zero > "$archives/partial/slow.deb"
        touch {here}/hangs
        exec sleep 600 ;;
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
    monkeypatch.setattr(debian_packages, "FOLDER", tmp_path / "fetched")
    return here


def test_a_package_is_unpacked_once_and_installed_nowhere(archive: Path) -> None:
    reports: list[str] = []
    root = fetch_debian_package("tool", ADVICE, reports.append, NEVER)
    assert (root / "usr/lib/tool").read_text() == "content"
    assert not Path("/usr/lib/tool").exists()
    calls = (archive / "calls").read_text()
    assert fetch_debian_package("tool", ADVICE, reports.append, NEVER) == root
    assert (archive / "calls").read_text() == calls
    assert reports == ["fetching tool from Debian's archive, this once"]
    names = {path.name for path in debian_packages.FOLDER.iterdir()}
    assert names == {"tool", "tool.log", "lock"}


@pytest.mark.usefixtures("archive")
def test_what_an_interrupted_run_left_is_no_obstacle() -> None:
    (debian_packages.FOLDER / "work/tree/usr/lib").mkdir(parents=True)
    (debian_packages.FOLDER / "work/tree/usr/lib/stale").touch()
    root = fetch_debian_package("tool", ADVICE, lambda _: None, NEVER)
    assert [path.name for path in (root / "usr/lib").iterdir()] == ["tool"]


@pytest.mark.usefixtures("archive")
def test_a_package_that_cannot_be_fetched_says_why_and_what_to_do() -> None:
    with pytest.raises(MissingPart) as errors:
        fetch_debian_package("other", ADVICE, lambda _: None, NEVER)
    assert str(errors.value) == (
        f"other could not be fetched (E: Unable to locate package other): {ADVICE}."
    )
    assert not (debian_packages.FOLDER / "other").exists()


@pytest.mark.usefixtures("archive")
def test_a_system_without_apt_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingPart) as errors:
        fetch_debian_package("tool", ADVICE, lambda _: None, NEVER)
    assert str(errors.value) == (
        f"tool could not be fetched (No such file or directory: apt-get): {ADVICE}."
    )


@pytest.fixture
def other_run(archive: Path) -> Iterator[None]:
    """A run of another process, which fetches for long."""
    del archive
    debian_packages.FOLDER.mkdir()
    with (debian_packages.FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_a_fetch_that_hangs_ends_when_it_is_abandoned(archive: Path) -> None:
    cancelled = threading.Event()
    errors: list[MissingPart] = []

    def fetch() -> None:
        try:
            fetch_debian_package("slow", ADVICE, lambda _: None, cancelled)
        except MissingPart as missing:
            errors.append(missing)

    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    wait_until((archive / "hangs").exists)
    cancelled.set()
    thread.join(10)
    assert str(errors[0]) == f"slow could not be fetched (interrupted): {ADVICE}."


@pytest.mark.usefixtures("archive")
def test_a_fetch_that_takes_too_long_is_given_up_and_says_meanwhile_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(debian_packages, "FETCH_SECONDS", 1.0)
    monkeypatch.setattr(debian_packages, "REPORT_SECONDS", 0.3)
    reports: list[str] = []
    with pytest.raises(MissingPart, match=r"not finished after 1 s"):
        fetch_debian_package("slow", ADVICE, reports.append, NEVER)
    assert "fetched 3 MB of 6,789 kB" in reports


@pytest.mark.usefixtures("other_run")
def test_what_is_there_does_not_wait_for_a_run_that_fetches() -> None:
    (debian_packages.FOLDER / "tool").mkdir()
    root = fetch_debian_package("tool", ADVICE, lambda _: None, NEVER)
    assert root == debian_packages.FOLDER / "tool"


@pytest.mark.usefixtures("other_run")
def test_waiting_for_a_run_that_fetches_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian_packages, "FETCH_SECONDS", 0.5)
    monkeypatch.setattr(debian_packages, "REPORT_SECONDS", 0.1)
    reports: list[str] = []
    with pytest.raises(MissingPart):
        fetch_debian_package("tool", ADVICE, reports.append, NEVER)
    assert reports[0] == "waiting for another run, which is fetching"


@pytest.mark.usefixtures("other_run")
def test_waiting_for_a_run_that_fetches_ends_when_it_is_abandoned() -> None:
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(MissingPart, match="interrupted"):
        fetch_debian_package("tool", ADVICE, lambda _: None, cancelled)
