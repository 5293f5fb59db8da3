"""Services made by `carafe new`, with the foundation installed from its wheel."""

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from carafe.development.wheel import build_wheel

from .checkout import environment

SECONDS = 900

PACKAGES = Path(sysconfig.get_path("purelib"))
SCRIPTS = Path(sysconfig.get_path("scripts"))

PIP = [sys.executable, "-m", "pip"]
ALONE = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check"]

# Of this environment, and costly to fetch anew.
FETCHED = ("debian", "npm")


def output_of(folder: Path, *words: str, expected: int | None = 0, **settings: str) -> str:
    """Run a command in a folder, and return what it says.

    Args:
        folder: to run it in.
        words: of the command.
        expected: exit code; None for any but 0.
        settings: of its environment, beside what pip needs.
    """
    of_pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    done = subprocess.run(
        words,
        cwd=folder,
        env=environment(**{**of_pip, **settings}),
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=SECONDS,
    )
    said = done.stdout + done.stderr
    assert (done.returncode != 0) if expected is None else (done.returncode == expected), said
    return said


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
        self.said = output_of(folder.parent, str(self.carafe), "new", str(folder), *options)
        service = NewService(folder)
        service.attach(self.folder)
        return service


class NewService:
    """A service made by `carafe new`, in whose folder commands are typed.

    Args:
        folder: where it lies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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

    def git(self, *words: str) -> str:
        """Run git, and return what it says."""
        identity = ("-c", "user.name=Team", "-c", "user.email=team@example.com")
        return output_of(self.folder, "git", *identity, *words)

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
