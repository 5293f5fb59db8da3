"""The copy of a service that Chalice packages: its deployed files, and the wheels."""

import hashlib
import json
import shutil
from pathlib import Path

from carafe.development.contracts import commands as contracts
from carafe.development.stored_forms import commands as stored_forms
from carafe.development.wheel import build_wheel, source_tree

from .addresses import replace_addresses
from .contents import DEPLOYED
from .errors import PackagingFailed
from .policies.placeholder import with_stage
from .stage_settings import CONFIG
from .stages import Stage

REQUIREMENTS = "requirements.txt"
RELEASED = (contracts.RELEASED, stored_forms.RELEASED)
WHEELS = "wheels"
CHALICE = ".chalice"

CHALICE_FOLDERS = ("deployments", "deployed", "venv")
"""Chalice's own folders, its cache of dependencies included."""


def copy_service(root: Path, copy: Path) -> Path:
    """Copy the files that are deployed, and no others: Chalice packs all of chalicelib.

    Args:
        root: the service's folder.
        copy: the folder for the copy; it replaces an earlier one, but Chalice's cache stays.

    Raises:
        PackagingFailed: requirements.txt is missing, or a package at an address is.
        WheelNotBuilt: the foundation is installed from source, and its wheel cannot be built.
    """
    _copy_code(root, copy)
    _copy_configuration(root / CHALICE, copy / CHALICE)
    _provide_wheels(root / WHEELS, copy / WHEELS)
    requirements = replace_addresses(_read(root / REQUIREMENTS), copy / WHEELS)
    if source_tree() is not None:
        build_wheel(copy / WHEELS)
    # Chalice installs again when these lines change, but does not look at wheels.
    (copy / REQUIREMENTS).write_text(f"{requirements}\n# {_digest(copy / WHEELS)}\n")
    return copy


def set_stage(copy: Path, stage: Stage) -> None:
    """Have Chalice package the copy for a stage: its processors, and its name in the policies."""
    for policy in (copy / CHALICE).glob("policies/*.json"):
        policy.write_text(with_stage(policy.read_text(), stage))
    file = copy / CONFIG
    config = json.loads(file.read_text())
    config["stages"][stage.name]["lambda_architecture"] = stage.architecture
    file.write_text(json.dumps(config, indent=2))


def undeployed_files(root: Path) -> list[Path]:
    """Return the files in `chalicelib` that are not deployed, as paths in the service.

    Bytecode and what was released are left out: nobody expects them there.
    """
    left_out = {root / each for each in RELEASED}
    files = sorted(each for each in (root / "chalicelib").rglob("*") if each.is_file())
    return [
        path.relative_to(root)
        for path in files
        if path.suffix not in {*DEPLOYED, ".pyc"} and path not in left_out
    ]


def _copy_code(root: Path, copy: Path) -> None:
    for old in ("app.py", "chalicelib", REQUIREMENTS, WHEELS):
        _remove(copy / old)
    copy.mkdir(exist_ok=True)
    files = (root / "chalicelib").rglob("*")
    deployed = [each for each in files if each.suffix in DEPLOYED]
    for source in [root / "app.py", *deployed]:
        target = copy / source.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def _copy_configuration(source: Path, folder: Path) -> None:
    for old in folder.glob("*"):
        if old.name not in CHALICE_FOLDERS:
            _remove(old)
    ignore = shutil.ignore_patterns(*CHALICE_FOLDERS)
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=ignore)


def _remove(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _read(requirements: Path) -> str:
    try:
        return requirements.read_text()
    except OSError as error:
        raise PackagingFailed(
            f"{REQUIREMENTS} cannot be read: {error.strerror}; it lists the functions' packages"
        ) from None


def _provide_wheels(source: Path, folder: Path) -> None:
    folder.mkdir()
    for wheel in source.glob("*.whl"):
        shutil.copyfile(wheel, folder / wheel.name)


def _digest(wheels: Path) -> str:
    """Return a digest of the names and contents of wheels."""
    digest = hashlib.sha256()
    for wheel in sorted(wheels.iterdir()):
        digest.update(wheel.name.encode() + wheel.read_bytes())
    return digest.hexdigest()
