"""Versions of the foundation, each installed in a folder of its own, and the service's tree."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from carafe.development.wheel import build_wheel
from release.compatibility import WHEELS
from tests.support.next_version import NEXT, NextVersion
from tests.support.places import ROOT
from tests.support.service_copy import ServiceCopy

KEPT = ROOT / WHEELS
"""Wheels of released versions; the newest one is what is upgraded."""

COMMAND_SECONDS = 60

# The code mod of the next version finds it in the service's code.
MARK = "\n# WORD\n"
MARK_AFTERWARDS = "\n# MOTTO\n"

_APPLY_MODS = (
    "import sys; from carafe.development.upgrade.protocol import apply_mods;"
    "folder, present, target = sys.argv[1:];"
    "print(apply_mods({'folder': folder, 'present': present, 'target': target}))"
)


def base_wheel(folder: Path) -> Path:
    """Return the wheel of the newest kept release; before there is one, that of this tree."""
    kept = sorted(KEPT.glob("*.whl"), key=_numbers)
    return kept[-1] if kept else build_wheel(folder)


def _numbers(wheel: Path) -> list[int]:
    return [int(each) for each in _version(wheel).split(".")]


def _version(wheel: Path) -> str:
    return wheel.name.split("-")[1]


@dataclass(frozen=True)
class Version:
    """A service that runs with one version of the foundation.

    Attributes:
        name: for people: `old` or `new`.
        packages: the folder with the foundation's package; everything else is this environment's.
        service: the service's tree.
    """

    name: str
    packages: Path
    service: Path

    @classmethod
    def installed(cls, name: str, wheel: Path, folder: Path, service: Path) -> "Version":
        """Install a wheel, as pip does with `--target`."""
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder)
        return cls(name, folder, service)

    def environment(self, settings: dict[str, str]) -> dict[str, str]:
        """Return the environment of a process that runs with this version."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return {**inherited, **settings, "PYTHONPATH": str(self.packages)}

    def run(self, arguments: Sequence[str], settings: dict[str, str]) -> str:
        """Run Python in the service's tree, and return what it prints."""
        result = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.service,
            env=self.environment(settings),
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def carafe(self, *words: str, settings: dict[str, str]) -> str:
        """Type `carafe …`."""
        return self.run(["-m", "carafe", *words], settings)

    def edited(self, packages: Path, *edits: tuple[str, str, str]) -> "Version":
        """Return a copy of this version with other texts in files of the package.

        Args:
            packages: the copy's folder.
            edits: file, old text and new text.
        """
        shutil.copytree(self.packages, packages, ignore=shutil.ignore_patterns("__pycache__"))
        for name, old, new in edits:
            path = packages / "carafe" / name
            text = path.read_text()
            assert old in text, f"{name} has no {old!r}"
            path.write_text(text.replace(old, new))
        return Version(self.name, packages, self.service)


@dataclass(frozen=True)
class Upgrade:
    """A service before and after an upgrade.

    Attributes:
        old, new: the versions.
    """

    old: Version
    new: Version


def make_upgrade(folder: Path) -> Upgrade:
    """Upgrade a copy of the service to the synthetic next version: its package and its tree."""
    old_wheel = base_wheel(folder / "wheels")
    next_version = with_bookkeeping(NextVersion(folder / "next").with_everything()).build()
    trees = {name: ServiceCopy(folder / name / "service").folder for name in ("old", "new")}
    for each in trees.values():
        with (each / "app.py").open("a") as file:
            file.write(MARK)
    old = Version.installed("old", old_wheel, folder / "old/packages", trees["old"])
    new = Version.installed("new", next_version.wheel, folder / "new/packages", trees["new"])
    present = _version(old_wheel)
    new.run(["-c", _APPLY_MODS, str(new.service), present, NEXT], {})
    assert (new.service / "app.py").read_text().endswith(MARK_AFTERWARDS)
    return Upgrade(old, new)


# What only the next version notes and sends, beside what every version does.
NOTES = (
    ("infrastructure/database/bookkeeping.py", '"at": at}', '"at": at, "newer": 1}'),
    ("infrastructure/database/timers.py", '"id": timer.id,', '"id": timer.id, "newer": 1,'),
    ("infrastructure/outbox/outbox.py", '"body": body}', '"body": body, "newer": 1}'),
    ("infrastructure/outbox/outbox.py", '"body": text}', '"body": text, "newer": 1}'),
    ("infrastructure/outbox/outbox.py", '"data": data,', '"data": data, "newer": 1,'),
    ("infrastructure/outbox/nudges.py", '"id": identifier}', '"id": identifier, "newer": 1}'),
    (
        "infrastructure/timers/nudges.py",
        "    due: Annotated[datetime, Meta(tz=True)] | None = None\n",
        "    due: Annotated[datetime, Meta(tz=True)] | None = None\n    newer: int = 1\n",
    ),
)


def with_bookkeeping(version: NextVersion) -> NextVersion:
    """Let a version note more in documents, and send more in messages."""
    for name, old, new in NOTES:
        version.replace(f"foundation/carafe/{name}", old, new)
    return version
