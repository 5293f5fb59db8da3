"""Services that `carafe upgrade` brings to another version, in seconds and without a network."""

import os
import sys
from pathlib import Path

from carafe.development.upgrade.service import copy_tracked
from carafe.development.upgrade.working_copy import AFTER
from carafe.development.upgrade.workspace import Workspace

from .commands import output_of
from .new_service import PACKAGES, SCRIPTS, Installation, NewService
from .next_version import NextVersion

# What a team may do with its own local/install.sh: the foundation from its wheel, and the rest of
# this environment, as `Installation` has it.
INSTALL = f"""\
#!/bin/sh
set -eu
[ ! -e fails ] || exit 1
"{sys.executable}" -m venv --without-pip --symlinks .venv
set -- --no-deps --no-index --no-compile --quiet --disable-pip-version-check
"{sys.executable}" -m pip --python .venv/bin/python install "$@" wheels/carafe_foundation-*.whl
echo "{PACKAGES}" >"$(echo .venv/lib/python*/site-packages)/needed.pth"
ln -sf "{SCRIPTS}/ruff" .venv/bin/ruff
printf '#!/bin/sh\\nexec .venv/bin/python -m mypy "$@"\\n' >.venv/bin/mypy
chmod +x .venv/bin/mypy
touch .venv/.installed
"""

# The team's own checks: those of the templates take half a minute.
QUICK = (
    ("\n\t$(BIN)/mypy\n", "\n"),
    ("\t$(PYTEST) --numprocesses 2\n", "\t$(PYTEST) tests/unit\n"),
)


class UpgradedService(NewService):
    """A service with a team's history, which finds newer versions in a folder of wheels.

    Args:
        folder: where it lies.
        links: the folder of wheels.
    """

    def __init__(self, folder: Path, links: Path) -> None:
        super().__init__(folder)
        self.links = links

    def clone(self, folder: Path) -> "UpgradedService":
        """Return a clone of what is committed, with the same environment."""
        super().clone(folder)
        return UpgradedService(folder, self.links)

    def upgrade(self, *words: str, expected: int | None = 0, **settings: str) -> str:
        """Type `carafe upgrade …` where pip knows no index but the folder of wheels."""
        settings = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.links), **settings}
        command = (".venv/bin/carafe", "upgrade", *words)
        return output_of(self.folder, *command, expected=expected, **settings)

    def text(self, name: str) -> str:
        """Return a file's text."""
        return (self.folder / name).read_bytes().decode()

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def edit(self, name: str, *edits: tuple[str, str]) -> None:
        """Replace texts in a file."""
        text = self.text(name)
        for old, new in edits:
            assert old in text, f"{name} has no {old!r}"
            text = text.replace(old, new)
        self.write(name, text)

    def is_as_it_was(self) -> bool:
        """Return whether nothing is changed, and nothing left over."""
        return self.status() == "" and not (self.folder / ".local").exists()

    def tree(self) -> dict[str, tuple[bytes, bool]]:
        """Return every file that is the service's own, and whether it is a program."""
        names = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
        paths = {name: self.folder / name for name in names if name}
        return {
            name: (path.read_bytes(), os.access(path, os.X_OK))
            for name, path in paths.items()
            if path.exists()
        }


def quick_service(
    installation: Installation, folder: Path, next_version: NextVersion
) -> UpgradedService:
    """Make a service whose install.sh and checks are quick."""
    names = ("--name", "Lending Desk", "--context", "lending", "--port", "8123", "--yes")
    installation.new(folder, *names)
    service = UpgradedService(folder, next_version.wheels)
    service.write("local/install.sh", INSTALL)
    service.edit("Makefile", *QUICK)
    service.commit()
    return service


def change_page(workspace: Workspace) -> None:
    """Make the copy of a service whose upgrade adds a line to its page.md."""
    folder = workspace.subfolder("copy")
    copy_tracked(workspace.root, folder)
    workspace.copy.begin()
    (folder / "page.md").write_text((folder / "page.md").read_text() + "new\n")
    workspace.copy.mark(AFTER, workspace.copy.commit("upgraded"))
