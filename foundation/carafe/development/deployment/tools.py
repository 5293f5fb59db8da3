"""Packages for child processes only, installed when they are first needed."""

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from carafe.development.project import project
from carafe.development.servers.process import Report, no_report

from .downloads import run_downloading
from .errors import PackagingFailed

HERE = Path(__file__).parent

CHECKS = HERE / "tools.txt"
"""Linters, and a simulated AWS for `chalice deploy`."""

RUNTIME = HERE / "runtime.txt"
"""The packages that Lambda provides."""

REASON_LENGTH = 300


def folder_of(requirements: Path, report: Report = no_report) -> Path:
    """Return the folder with the packages of a requirements file, for an import path.

    Raises:
        PackagingFailed: they cannot be installed.
    """
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    cache = project().root / "build" / "tools"
    folder = cache / f"{requirements.stem}-{digest}"
    if not folder.exists():
        report(f"installing the packages of {requirements.name}, once")
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as temporary:
            packages = Path(temporary) / "packages"
            _install(requirements, packages)
            if not folder.exists():
                shutil.move(packages, folder)
    return folder


def _install(requirements: Path, folder: Path) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(folder)]
    result = run_downloading(
        [*command, "--requirement", str(requirements)], f"the packages of {requirements.name}"
    )
    if result.returncode != 0:
        errors = [line for line in result.stderr.splitlines() if line.startswith("ERROR")]
        reason = (errors or result.stderr.strip().splitlines() or ["no reason given"])[0]
        raise PackagingFailed(f"{requirements.name} cannot be installed: {reason[:REASON_LENGTH]}")
