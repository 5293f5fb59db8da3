"""A next version of the foundation: with a code mod, new templates and a new field."""

import shutil
import subprocess
import sys
from pathlib import Path

import carafe

from .checkout import IGNORED
from .new_service import ALONE
from .places import FOUNDATION, ROOT

PRESENT = carafe.__version__
NEXT = "9.1.0"

PACKAGE = "foundation/carafe"
TEMPLATES = f"{PACKAGE}/development/new/templates"
MODS = f"{PACKAGE}/development/upgrade/mods"

CHANGELOG = f"""\
## [{NEXT}] - 2027-01-01

### Changed
- A service says its motto. What was called WORD is called MOTTO.

"""

MOD = '''\
"""A name that was changed."""

import socket

from .tree import ServiceTree


def rename(tree: ServiceTree) -> None:
    """Write MOTTO for WORD."""
    for path in tree.paths():
        text = tree.read(path)
        if "RAISE" in text:
            raise ValueError("it does not understand RAISE")
        if "CONNECT" in text:
            socket.create_connection(("127.0.0.1", 9))
        tree.write(path, text.replace("WORD", "MOTTO"))
'''

NEW_FIELD = """\

    motto: str = "nothing is lost"
"""


class NextVersion:
    """The source of the next version, and its wheel.

    Args:
        folder: where it lies; its folder `wheels` is what `--find-links` is given.
        version: its number.
    """

    def __init__(self, folder: Path, version: str = NEXT) -> None:
        self.folder = folder
        self.version = version
        self.wheels = folder / "wheels"
        shutil.copytree(ROOT, folder / "tree", ignore=IGNORED)
        for name in ("hatch_build.py", "pyproject.toml", "README.md", "carafe"):
            source, target = FOUNDATION / name, folder / "tree/foundation" / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                target.parent.mkdir(exist_ok=True)
                shutil.copy(source, target)
        self.replace(f"{PACKAGE}/__init__.py", f'"{PRESENT}"', f'"{version}"')

    @property
    def wheel(self) -> Path:
        """Its wheel."""
        (path,) = self.wheels.glob(f"*-{self.version}-*.whl")
        return path

    def with_everything(self) -> "NextVersion":
        """Add a line of the changelog, a code mod, a field, and what is new in the templates."""
        self.replace("CHANGELOG.md", "\n## [", f"\n{CHANGELOG}## [", count=1)
        self.write(f"{MODS}/motto.py", MOD)
        self.replace(f"{MODS}/__init__.py", "MODS: tuple[Mod, ...] = ()", _TABLE.format(NEXT))
        self.replace(f"{TEMPLATES}/Makefile.j2", "clean: ## remove", "clean: ## delete")
        self.replace(f"{TEMPLATES}/README.md.j2", "## Test it\n", "## Try it\n")
        self.replace(f"{TEMPLATES}/compose.yaml.j2", "services:\n", "# Docker\nservices:\n")
        self.write(f"{TEMPLATES}/memory-bank/motto.md.j2", "# {{ name }}'s motto\n")
        self.replace(
            f"{PACKAGE}/infrastructure/settings.py",
            "    sweep_grace_seconds: Seconds = 10.0\n",
            f"    sweep_grace_seconds: Seconds = 10.0\n{NEW_FIELD}",
        )
        return self

    def build(self) -> "NextVersion":
        """Build its wheel."""
        command = [sys.executable, "-m", "pip", "wheel", *ALONE, "--no-build-isolation"]
        source = self.folder / "tree/foundation"
        subprocess.run([*command, "--wheel-dir", str(self.wheels), str(source)], check=True)
        return self

    def write(self, name: str, text: str) -> None:
        """Write a file of the source."""
        (self.folder / "tree" / name).write_text(text)

    def replace(self, name: str, old: str, new: str, count: int = -1) -> None:
        """Replace a text in a file of the source."""
        path = self.folder / "tree" / name
        text = path.read_text()
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new, count))


_TABLE = """\
from .motto import rename

MODS: tuple[Mod, ...] = (Mod("{}", "WORD is called MOTTO", rename),)
"""
