"""The code of the function `migrate`: that of all functions, and the operators' commands.

The other functions do without: they start faster, and nobody can reach these commands through them.
"""

import importlib.metadata
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import carafe.development
from carafe.development.stored_forms import commands as stored_forms

from .errors import PackagingFailed
from .stage_settings import CONFIG

PACKAGES = ("click", "rich")
"""What the commands need beside the functions' packages; rich does without its own, for tables."""


def add_commands(root: Path, code: Path, folder: Path) -> None:
    """Copy what the operators' commands need beside the functions' code.

    Args:
        root: the service's folder; two of its files are read by commands.
        code: the folder with the functions' code; a package that it has is not copied.
        folder: for the copies.

    Raises:
        PackagingFailed: a package is not installed here.
    """
    missing = [each for each in PACKAGES if not (code / each).exists()]
    for source, target in (
        *_own_modules(),
        *_modules_of(missing),
        *_files_of_service(root),
    ):
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / target)


def _own_modules() -> Iterator[tuple[Path, Path]]:
    folder = Path(next(iter(carafe.development.__path__)))
    for path in folder.rglob("*.py"):
        yield path, path.relative_to(folder.parent.parent)


def _modules_of(packages: Iterable[str]) -> Iterator[tuple[Path, Path]]:
    for name in packages:
        try:
            files = importlib.metadata.files(name) or []
        except importlib.metadata.PackageNotFoundError:
            raise PackagingFailed(
                f"{name} is not installed, which `migrate` needs: run `make install`"
            ) from None
        for each in files:
            if each.suffix == ".py" and not each.is_absolute() and ".." not in each.parts:
                yield Path(str(each.locate())), Path(each)


def _files_of_service(root: Path) -> Iterator[tuple[Path, Path]]:
    """Yield what marks the folder of a service, and what the code is compared with."""
    for name in (CONFIG, stored_forms.RELEASED):
        if (root / name).exists():
            yield root / name, Path(name)
