"""The Pythons and processors of AWS Lambda, and whether there are wheels for them."""

import platform
import re
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .downloads import run_downloading
from .errors import PackagingFailed

SUPPORTED: Mapping[str, str] = {
    "3.11": "2027-06-30",
    "3.12": "2028-10-31",
    "3.13": "2029-06-30",
    "3.14": "2029-06-30",
}
"""The Pythons that Lambda runs, and until when it supports them.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html"""

ARCHITECTURES: Mapping[str, str] = {"arm64": "aarch64", "x86_64": "x86_64"}
"""Lambda's processors, and how wheels name them."""

OLD_LINUX, NEW_LINUX = 26, 34
"""The minor version of glibc up to Python 3.11 (Amazon Linux 2), and from 3.12 on (2023)."""

_MISSING = re.compile(r"No matching distribution found for (?P<name>\S+)")


def this_python() -> str:
    """Return the Python that packages, which is the one that will run the functions.

    Raises:
        PackagingFailed: Lambda does not have it.
    """
    version = "{}.{}".format(*sys.version_info)
    if version not in SUPPORTED:
        raise PackagingFailed(
            f"AWS Lambda has no Python {version}: make .venv with one of {', '.join(SUPPORTED)}, "
            "such as `PYTHON=python3.13 make clean install`"
        )
    return version


def this_machine() -> str:
    """Return this machine's processor, as Lambda names it."""
    return "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"


def missing_wheels(requirements: Path, version: str, architecture: str) -> list[str]:
    """Return the requirements without a wheel for a Python and a processor; nothing is installed.

    Args:
        requirements: a requirements file; its folder is where pip looks for what it names.
        version: of Python, such as 3.13.
        architecture: as Lambda names it.

    Raises:
        PackagingFailed: pip fails for another reason.
    """
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--only-binary", ":all:"]
    options += ["--implementation", "cp", "--python-version", version]
    for tag in _tags(version, architecture):
        options += ["--platform", tag]
    with tempfile.TemporaryDirectory() as nowhere:
        command = [sys.executable, "-m", "pip", "install", "--dry-run", "--target", nowhere]
        result = run_downloading(
            [*command, *options, "--requirement", requirements.name],
            f"what the package index knows of {requirements.name}",
            folder=requirements.parent,
        )
    missing = _MISSING.findall(result.stderr)
    if result.returncode != 0 and not missing:
        lines = result.stderr.strip().splitlines() or ["no reason given"]
        raise PackagingFailed(f"pip cannot look for wheels: {lines[-1]}")
    return sorted(set(missing))


def _tags(version: str, architecture: str) -> list[str]:
    newest = OLD_LINUX if version == "3.11" else NEW_LINUX
    processor = ARCHITECTURES[architecture]
    return [
        *(f"manylinux_2_{minor}_{processor}" for minor in range(newest, 16, -1)),
        f"manylinux2014_{processor}",
        *(f"manylinux{each}_{processor}" for each in ("2010", "1") if processor == "x86_64"),
    ]
