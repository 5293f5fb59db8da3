"""Programs fetched from Debian's archive, with an archive and an apt of the tests' own."""

import subprocess
from pathlib import Path

import pytest

from workflow.servers import packages
from workflow.servers.errors import MissingPart
from workflow.servers.packages import unpacked_debian_package

ADVICE = "run `sudo apt-get install tool`"

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
    root = unpacked_debian_package("tool", ADVICE, told.append)
    assert (root / "usr/lib/tool").read_text() == "content"
    assert not Path("/usr/lib/tool").exists()
    calls = (archive / "calls").read_text()
    assert unpacked_debian_package("tool", ADVICE, told.append) == root
    assert (archive / "calls").read_text() == calls
    assert told == ["fetching tool from Debian's archive, this once"]
    left = {path.name for path in packages.FOLDER.iterdir()}
    assert left == {"tool", "tool.log", "lock"}


@pytest.mark.usefixtures("archive")
def test_what_an_interrupted_run_left_is_no_obstacle() -> None:
    (packages.FOLDER / "work/tree/usr/lib").mkdir(parents=True)
    (packages.FOLDER / "work/tree/usr/lib/stale").touch()
    root = unpacked_debian_package("tool", ADVICE, lambda _: None)
    assert [path.name for path in (root / "usr/lib").iterdir()] == ["tool"]


@pytest.mark.usefixtures("archive")
def test_a_package_that_cannot_be_fetched_says_why_and_what_to_do() -> None:
    with pytest.raises(MissingPart) as caught:
        unpacked_debian_package("other", ADVICE, lambda _: None)
    assert str(caught.value) == (
        f"other could not be fetched (E: Unable to locate package other): {ADVICE}."
    )
    assert not (packages.FOLDER / "other").exists()


@pytest.mark.usefixtures("archive")
def test_a_system_without_apt_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingPart) as caught:
        unpacked_debian_package("tool", ADVICE, lambda _: None)
    assert str(caught.value) == (
        f"tool could not be fetched (No such file or directory: apt-get): {ADVICE}."
    )
