"""Services made by `carafe new`, with the foundation installed from its wheel."""

import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from carafe.development.wheel import build_wheel

from .commands import output_of
from .git_tree import GitTree

PACKAGES = Path(sysconfig.get_path("purelib"))
SCRIPTS = Path(sysconfig.get_path("scripts"))

PIP = [sys.executable, "-m", "pip"]
ALONE = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check"]

# Of this environment, and costly to fetch anew.
FETCHED = ("debian", "npm")


class Installation:
    """An environment as `make install` makes it in a service, in a second and without a network.

    The foundation comes from its wheel; what it needs is this environment's.

    Args:
        folder: where it lies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "bin" / "python"
        self.carafe = folder / "bin" / "carafe"
        self.wheel = build_wheel(folder / "wheels")
        venv.create(folder, symlinks=True)
        subprocess.run(
            [*PIP, "--python", str(self.python), "install", *ALONE, str(self.wheel)], check=True
        )
        (self.packages / "needed.pth").write_text(f"{PACKAGES}\n")
        (folder / "bin" / "ruff").symlink_to(SCRIPTS / "ruff")
        mypy = folder / "bin" / "mypy"
        mypy.write_text(f'#!/bin/sh\nexec "{self.python}" -m mypy "$@"\n')
        mypy.chmod(0o755)
        for name in FETCHED:
            if (Path(sys.prefix) / name).exists():
                (folder / name).symlink_to(Path(sys.prefix) / name)

    @property
    def packages(self) -> Path:
        """Where its packages are."""
        return next((self.folder / "lib").glob("python*")) / "site-packages"

    def new(self, folder: Path, *options: str) -> "NewService":
        """Make a service, and let it have this environment."""
        output_of(folder.parent, str(self.carafe), "new", str(folder), *options)
        service = NewService(folder)
        service.attach(self.folder)
        return service


class NewService(GitTree):
    """A service made by `carafe new`, in whose folder commands are typed."""

    def attach(self, installation: Path) -> None:
        """Let it have an environment that is there already."""
        (self.folder / ".venv").symlink_to(installation)
        (installation / ".installed").touch()
        with (self.folder / ".git/info/exclude").open("a") as file:
            file.write("/.venv\n")

    def clone(self, folder: Path) -> "NewService":
        """Return a clone of what is committed, with the same environment."""
        self.git("clone", "--quiet", str(self.folder), str(folder))
        service = NewService(folder)
        service.attach((self.folder / ".venv").resolve())
        return service

    def make(self, *words: str, expected: int | None = 0, **settings: str) -> str:
        """Type `make …`."""
        return output_of(self.folder, "make", *words, expected=expected, **settings)

    def carafe(self, *words: str, expected: int | None = 0) -> str:
        """Type `carafe …`."""
        return output_of(self.folder, ".venv/bin/carafe", *words, expected=expected)

    def files(self) -> list[Path]:
        """Return what is committed."""
        names = self.git("ls-files", "-z").split("\0")
        return [self.folder / name for name in names if name]

    def texts(self) -> dict[str, str]:
        """Return what is committed, by path, without wheels."""
        return {
            path.relative_to(self.folder).as_posix(): path.read_text(encoding="utf-8")
            for path in self.files()
            if path.suffix != ".whl"
        }

    def remove(self) -> None:
        """Remove it, with its environment's link and not the environment."""
        shutil.rmtree(self.folder)  # which follows no link
