"""The copy of a service that Chalice packages: what is deployed, and the wheels for it."""

import hashlib
import shutil
from pathlib import Path

from carafe.development.wheel import build_wheel, source_tree

from .addresses import without_addresses
from .contents import DEPLOYED
from .errors import PackagingFailed

REQUIREMENTS = "requirements.txt"
RELEASED = "chalicelib/contracts/released.json"
WHEELS = "wheels"
CHALICE = ".chalice"

CHALICES_OWN = ("deployments", "deployed", "venv")
"""What Chalice keeps beside its configuration; its cache of dependencies is there."""


def copied(root: Path, copy: Path) -> Path:
    """Copy what is deployed, and nothing that lies beside it.

    Chalice packs whatever is in chalicelib. Its cache of dependencies stays in the copy.

    Args:
        root: of the service.
        copy: the folder for it; what an earlier copy left there is replaced.

    Raises:
        PackagingFailed: requirements.txt is missing, or what it names by an address is.
        WheelNotBuilt: the foundation is installed from its source, and makes no wheel.
    """
    _copy_code(root, copy)
    _copy_configuration(root / CHALICE, copy / CHALICE)
    _provide_wheels(root / WHEELS, copy / WHEELS)
    requirements = without_addresses(_read(root / REQUIREMENTS), copy / WHEELS)
    if source_tree() is not None:
        build_wheel(copy / WHEELS)
    # Chalice installs anew when these lines change, and does not look at wheels.
    (copy / REQUIREMENTS).write_text(f"{requirements}\n# {_digest(copy / WHEELS)}\n")
    return copy


def left_out(root: Path) -> list[Path]:
    """Return the files in `chalicelib` that are not deployed, as paths in the service.

    What nobody expects there is passed over: bytecode, and the note of released contracts.
    """
    found = sorted(each for each in (root / "chalicelib").rglob("*") if each.is_file())
    return [
        path.relative_to(root)
        for path in found
        if path.suffix not in {*DEPLOYED, ".pyc"} and path != root / RELEASED
    ]


def _copy_code(root: Path, copy: Path) -> None:
    for old in ("app.py", "chalicelib", REQUIREMENTS, WHEELS):
        _remove(copy / old)
    copy.mkdir(exist_ok=True)
    ours = (root / "chalicelib").rglob("*")
    deployed = [each for each in ours if each.suffix in DEPLOYED]
    for source in [root / "app.py", *deployed]:
        target = copy / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _copy_configuration(given: Path, folder: Path) -> None:
    for old in folder.glob("*"):
        if old.name not in CHALICES_OWN:
            _remove(old)
    own = shutil.ignore_patterns(*CHALICES_OWN)
    shutil.copytree(given, folder, dirs_exist_ok=True, ignore=own)


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _read(requirements: Path) -> str:
    try:
        return requirements.read_text()
    except OSError as error:
        raise PackagingFailed(
            f"{REQUIREMENTS} cannot be read: {error.strerror}; it names what the functions need"
        ) from None


def _provide_wheels(given: Path, folder: Path) -> None:
    folder.mkdir()
    for wheel in given.glob("*.whl"):
        shutil.copyfile(wheel, folder / wheel.name)


def _digest(wheels: Path) -> str:
    """Return what tells wheels from others of the same names."""
    digest = hashlib.sha256()
    for wheel in sorted(wheels.iterdir()):
        digest.update(wheel.name.encode() + wheel.read_bytes())
    return digest.hexdigest()
