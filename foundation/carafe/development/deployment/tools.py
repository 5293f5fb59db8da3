"""Packages for child processes alone, installed when they are first needed."""

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from carafe.development.project import project
from carafe.development.servers.process import silent

from .downloads import run_downloading
from .errors import PackagingFailed
from .package import Tell

HERE = Path(__file__).parent

CHECKS = HERE / "tools.txt"
"""Linters, and AWS as `chalice deploy` needs it."""

RUNTIME = HERE / "runtime.txt"
"""What Lambda supplies beside the package."""

REASON_LENGTH = 300


def folder_of(requirements: Path, tell: Tell = silent) -> Path:
    """Return the folder that holds some packages, for an import path.

    Raises:
        PackagingFailed: they cannot be had.
    """
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()[:12]
    cache = project().root / "build" / "tools"
    folder = cache / f"{requirements.stem}-{digest}"
    if not folder.exists():
        tell(f"installing what {requirements.name} names, this once")
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache) as temporary:
            made = Path(temporary) / "packages"
            _install(requirements, made)
            if not folder.exists():
                shutil.move(made, folder)
    return folder


def _install(requirements: Path, folder: Path) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-deps"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(folder)]
    done = run_downloading(
        [*command, "--requirement", str(requirements)], f"what {requirements.name} names was"
    )
    if done.returncode != 0:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        reason = (errors or done.stderr.strip().splitlines() or ["no reason given"])[0]
        raise PackagingFailed(f"{requirements.name} cannot be installed: {reason[:REASON_LENGTH]}")
