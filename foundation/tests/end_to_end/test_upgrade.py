"""`carafe upgrade`, with real wheels: this version's, and one of a synthetic next version.

The service's environment is this one's, with the foundation from its wheel, and its checks are
quick. `make test-upgrade` (WHOLE=1) also has what waits in the copy: a conflict, what fails, what
is dropped; and upgrades a service from nothing, with every check and every test.
"""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from carafe.testing.processes import wait_until
from tests.support.checkout import processes_of
from tests.support.commands import environment
from tests.support.new_service import Installation
from tests.support.next_version import NEXT, PRESENT, NextVersion
from tests.support.upgrading import UpgradedService

COPY = ".local/upgrade/copy"

WHOLE = pytest.mark.skipif("WHOLE" not in os.environ, reason="WHOLE=1: a minute")


def test_an_upgrade_keeps_what_the_team_did_and_is_taken_back_exactly(
    desk: UpgradedService,
) -> None:
    desk.edit("README.md", ("# Lending Desk\n", "# Our desk\n"))
    desk.edit("compose.yaml", ("\n", "\r\n"))
    desk.write("app.py", desk.text("app.py") + "\n# WORD\n")
    desk.write("requirements.txt", desk.text("requirements.txt") + "wcwidth==0.9.4\n")
    desk.write(".env", "MONGO_URI=mongodb://nobody@127.0.0.1:9\n")
    desk.git("mv", "memory-bank/techContext.md", "memory-bank/technology.md")
    desk.git("rm", "--quiet", "memory-bank/projectbrief.md")
    desk.commit()
    before = desk.tree()

    output = desk.upgrade()

    assert f"carafe-foundation {PRESENT} → {NEXT}, sha256:" in output
    assert "- A service says its motto. What was called WORD is called MOTTO.\n" in output
    assert "Changed in your code: WORD is called MOTTO\n" in output
    assert "  WORD is called MOTTO: app.py\n" in output
    for step in ("packages", "format", "diagrams", "lint", "contracts check", "tests"):
        assert f"  {step} … done" in output
    assert "  database plan … nothing differs" in output
    after = {name: content for name, (content, _) in desk.tree().items()}
    assert after["README.md"].startswith(b"# Our desk\n")
    assert b"## Try it\n" in after["README.md"]
    assert after["compose.yaml"].count(b"\n") == after["compose.yaml"].count(b"\r\n")
    assert b"# Docker\r\nservices:" in after["compose.yaml"]
    assert after["app.py"].endswith(b"# MOTTO\n")
    assert f"[service]=={NEXT}\n".encode() in after["requirements.txt"]
    assert after["requirements.txt"].endswith(b"wcwidth==0.9.4\n")
    assert f"[dev]=={NEXT}\n".encode() in after["requirements-dev.txt"]
    assert f"`carafe-foundation[service]` {NEXT}".encode() in after["memory-bank/technology.md"]
    assert after["memory-bank/motto.md"] == b"# Lending Desk's motto\n"
    assert f'version = "{NEXT}"'.encode() in after["pyproject.toml"]
    assert "memory-bank/projectbrief.md" not in after
    assert "memory-bank/techContext.md" not in after
    assert [name for name in after if name.endswith(".whl")] == [
        f"wheels/carafe_foundation-{NEXT}-py3-none-any.whl"
    ]
    assert after.keys() - before.keys() == {
        "memory-bank/motto.md",
        f"wheels/carafe_foundation-{NEXT}-py3-none-any.whl",
    }
    assert desk.text(".env") == "MONGO_URI=mongodb://nobody@127.0.0.1:9\n"
    assert not (desk.folder / ".local").exists()

    output = desk.upgrade(expected=1)
    assert output.startswith("error: there are changes (")
    desk.commit()
    output = desk.upgrade(expected=1)
    assert f"the service needs carafe-foundation {NEXT}, and this command is of {PRESENT}" in output

    output = desk.upgrade("--undo")
    assert f"carafe-foundation {PRESENT} again: `make install`" in output
    assert desk.tree() == before


@WHOLE
def test_a_dry_run_shows_everything_and_writes_nothing(desk: UpgradedService) -> None:
    before = desk.tree()
    output = desk.upgrade("--dry-run")
    assert "  tests … done" in output
    assert "\n-## Test it\n+## Try it\n" in output
    assert output.endswith("Everything passes. Nothing was written.\n")
    assert desk.tree() == before
    assert desk.is_as_it_was()


@WHOLE
def test_a_conflict_is_shown_as_git_does_and_settled_by_hand(desk: UpgradedService) -> None:
    desk.edit("README.md", ("## Test it\n", "## How it is tested\n"))
    desk.commit()
    output = desk.upgrade(expected=1)
    assert "++<<<<<<< HEAD\n +## How it is tested\n++||||||| " in output
    assert "++## Test it\n++=======\n+ ## Try it\n++>>>>>>> " in output
    assert "error: conflicts are left in the copy: README.md. " in output
    assert "packages" not in output
    assert desk.status() == ""

    output = desk.upgrade(expected=1)
    assert f"error: The upgrade to {NEXT} waits in {COPY}" in output
    assert "--continue" in desk.upgrade("--undo", expected=1)
    assert "conflicts are left" in desk.upgrade("--continue", expected=1)

    conflicted = UpgradedService(desk.folder / COPY, desk.links)
    text = conflicted.text("README.md")
    begin, end = text.index("<<<<<<<"), text.index(">>>>>>>")
    end = text.index("\n", end) + 1
    conflicted.write("README.md", text[:begin] + "## How you try it\n" + text[end:])
    output = desk.upgrade("--continue")
    assert "  tests … done" in output
    assert "## How you try it\n" in desk.text("README.md")
    assert not (desk.folder / ".local").exists()
    desk.upgrade("--undo")
    assert desk.status() == ""


@WHOLE
def test_what_fails_in_the_copy_waits_there_and_nothing_is_written(
    desk: UpgradedService,
) -> None:
    """A test that does not pass, then a mod that does not understand the code."""
    test = "tests/unit/test_version.py"
    text = f'''"""The version."""

import carafe


def test_it():
    assert carafe.__version__ == "{PRESENT}"
'''
    desk.write(test, text)
    desk.edit("pyproject.toml", ('"D103",', '"D103", "ANN201",'))
    desk.write("local/raising.py", '"""RAISE."""\n')
    desk.commit()
    output = desk.upgrade(expected=1)
    assert "a code mod failed: ValueError: it does not understand RAISE" in output
    assert desk.status() == ""
    copy = UpgradedService(desk.folder / COPY, desk.links)
    assert "MOTTO" not in copy.text("README.md")

    copy.write("local/raising.py", '"""CONNECT."""\n')
    output = desk.upgrade("--continue", expected=1)
    assert "an upgrade's code uses no network and no program (socket." in output

    copy.write("local/raising.py", '"""WORD."""\n')
    output = desk.upgrade("--continue", expected=1)
    assert "  WORD is called MOTTO: local/raising.py\n" in output
    assert "  lint … done" in output
    assert "  tests … failed" in output
    assert f"AssertionError: assert '{NEXT}' == '{PRESENT}'" in output
    assert "error: tests failed in the copy. " in output
    assert "1 failed" in (desk.folder / ".local/upgrade/tests.log").read_text()
    assert desk.status() == ""

    copy.edit(test, (PRESENT, NEXT))
    output = desk.upgrade("--continue")
    assert "  WORD is called MOTTO" not in output
    assert desk.text(test) == text.replace(PRESENT, NEXT)
    assert desk.text("local/raising.py") == '"""MOTTO."""\n'


@WHOLE
def test_an_upgrade_that_waits_can_be_dropped(desk: UpgradedService) -> None:
    desk.write("fails", "install.sh looks for this file\n")
    desk.commit()
    output = desk.upgrade(expected=1)
    assert "error: packages failed in the copy. " in output
    assert "tests …" not in output
    assert "The copy is dropped; the service is as it was." in desk.upgrade("--abort")
    assert desk.is_as_it_was()


def test_a_file_that_git_ignores_is_not_overwritten(desk: UpgradedService) -> None:
    desk.write(".gitignore", desk.text(".gitignore") + "motto.md\n")
    desk.commit()
    desk.write("memory-bank/motto.md", "ours\n")
    output = desk.upgrade(expected=1)
    assert "error: memory-bank/motto.md changed in the service meanwhile, or is there, " in output
    assert "packages" not in output
    assert desk.text("memory-bank/motto.md") == "ours\n"


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=WHOLE), signal.SIGKILL]
)
def test_ended_in_the_middle_it_leaves_the_service_as_it_was(
    desk: UpgradedService, number: signal.Signals
) -> None:
    """After a kill, only the folder that git ignores is left, and the next upgrade begins anew."""
    pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(desk.links)}
    child = subprocess.Popen(
        [".venv/bin/carafe", "upgrade"],
        cwd=desk.folder,
        env=environment(**pip),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    log = desk.folder / ".local/upgrade/format.log"
    wait_until(lambda: log.exists() or child.poll() is not None, 120)
    os.killpg(child.pid, number)
    _, output = child.communicate(timeout=60)
    assert child.returncode == (-number if number == signal.SIGKILL else 128 + number)
    stopped = "\nerror: stopped in the middle; the service is as it was\n"
    assert output == ("" if number == signal.SIGKILL else stopped)
    assert desk.status() == ""
    if number == signal.SIGKILL:
        wait_until(lambda: not processes_of(desk.folder), 120)  # what it ran in the copy
        assert "no upgrade is under way" in desk.upgrade("--continue", expected=1)
        assert desk.upgrade(PRESENT).endswith("already.\n")
    assert desk.is_as_it_was()


@WHOLE
def test_from_nothing_with_every_check_and_every_test(
    installation: Installation, next_version: NextVersion, tmp_path: Path
) -> None:
    """An environment of its own by pip, for the service and for the copy."""
    installation.new(tmp_path / "lending", "--name", "Lending Desk", "--yes")
    desk = UpgradedService(tmp_path / "lending", next_version.wheels)
    (desk.folder / ".venv").unlink()
    desk.make("install")
    output = desk.upgrade(PIP_NO_INDEX="0")
    assert "  tests … done" in output
    desk.commit()
    desk.make("install")
    assert NEXT in desk.carafe("upgrade")
    desk.upgrade("--undo")
    desk.make("install")
    desk.make("test-unit")
