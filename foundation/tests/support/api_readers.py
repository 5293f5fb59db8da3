"""What others read OpenAPI documents with, fetched once: generators of clients, and linters.

They have environments of their own below this one: what they pin is not what the tests need.
"""

import hashlib
import shutil
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

from carafe.development.bounded_run import run_within
from carafe.development.servers.errors import MissingPart

from .commands import output_of
from .nodejs import NODE, NPM

SETTINGS = Path(__file__).parents[1] / "data/api_readers"
REQUIREMENTS = SETTINGS / "requirements.txt"
LOCK = SETTINGS / "package-lock.json"
CACHE = Path(sys.prefix) / "api-readers"

REDOCLY = "@redocly/cli/bin/cli.js"
SPECTRAL = "@stoplight/spectral-cli/dist/index.js"
TYPES = "openapi-typescript/bin/cli.js"
TYPESCRIPT = "typescript/bin/tsc"

QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}

FETCH_SECONDS = 300


def run_python(folder: Path, *words: str) -> str:
    """Run a Python module or script in the generators' environment, and return its output.

    Args:
        folder: to run it in; what lies there can be imported.
        words: what Python gets.

    Raises:
        AssertionError: it failed.
        MissingPart: the environment cannot be made.
    """
    environment = _cached("python", REQUIREMENTS, _make_environment)
    python = str(environment / "bin/python")
    return output_of(folder, python, "-P", *words, PYTHONPATH=str(folder))


def run_node(folder: Path, program: str, *words: str) -> str:
    """Run a program of an npm package, and return its output.

    Args:
        folder: to run it in.
        program: its path among the packages.
        words: of its command line.

    Raises:
        AssertionError: it failed.
        MissingPart: the packages cannot be fetched.
    """
    packages = _cached("npm", LOCK, _fetch_packages) / "node_modules"
    return output_of(folder, NODE, str(packages / program), *words, expected=0, **QUIET)


def _cached(name: str, pins: Path, fetch: Callable[[Path], None]) -> Path:
    """Return a folder with what a file pins, filled if it is not there."""
    digest = hashlib.sha256(pins.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = CACHE / f"{name}-{digest}"
    if not folder.exists():
        CACHE.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as temporary:
            incoming = Path(temporary) / name
            fetch(incoming)
            # Last, and in one step: an interrupted run leaves no half of it.
            incoming.replace(folder)
    return folder


def _make_environment(folder: Path) -> None:
    venv.create(folder, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python")]
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--no-deps", "--no-compile"]
    _fetch(
        [*pip, "install", *options, "--requirement", str(REQUIREMENTS)],
        CACHE,
        "pip could not install the client generators: is the package index reachable?",
    )


def _fetch_packages(folder: Path) -> None:
    folder.mkdir()
    for path in (LOCK, LOCK.with_name("package.json")):
        shutil.copy2(path, folder)
    _fetch(
        [*NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        folder,
        "npm could not fetch the linters of API documents: is the npm registry reachable?",
    )


def _fetch(command: Sequence[str], folder: Path, advice: str) -> None:
    result = run_within(FETCH_SECONDS, command, MissingPart(advice), folder=folder)
    if result.returncode != 0:
        raise MissingPart(advice)
