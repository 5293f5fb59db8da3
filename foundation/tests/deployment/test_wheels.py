"""Where a service's package takes the foundation from, when that is installed and not developed.

The command runs in an environment of its own, in which the foundation is installed from its wheel.
Each wheel that is offered there holds a mark, so that it shows which one was taken.
"""

import functools
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import carafe
from carafe.development.deployment.package import CODE
from carafe.development.wheel import build_wheel
from carafe.development.zip_file import zip_bytes
from tests.support.checkout import IGNORED
from tests.support.http_server import serving
from tests.support.places import ROOT

REQUIREMENT = f"carafe-foundation=={carafe.__version__}"
REQUIREMENTS = f"--find-links wheels\n{REQUIREMENT}\n"
MARK = "carafe/api/mark.py"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The foundation's wheel, which demands nothing: where other packages come from is known."""
    return _without_dependencies(build_wheel(tmp_path_factory.mktemp("wheel")))


def _without_dependencies(wheel: Path) -> Path:
    with zipfile.ZipFile(wheel) as opened:
        contents = {name: opened.read(name) for name in opened.namelist()}
    (metadata,) = (name for name in contents if name.endswith(".dist-info/METADATA"))
    contents[metadata] = re.sub(rb"(?m)^Requires-Dist: .*\n", b"", contents[metadata])
    wheel.write_bytes(zip_bytes(contents))
    return wheel


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the foundation installed, and this one's packages."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(packages)
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))
    return folder / "bin" / "python"


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """A service's tree, outside of this one."""
    folder = tmp_path / "service"
    folder.mkdir()
    shutil.copy(ROOT / "app.py", folder)
    for name in ("chalicelib", ".chalice", "local"):
        shutil.copytree(ROOT / name, folder / name, ignore=IGNORED)
    (folder / "requirements.txt").write_text(REQUIREMENTS)
    return folder


def _marked(wheel: Path, folder: Path, mark: str) -> None:
    """Put a wheel of the same name into a folder, with a mark in it."""
    folder.mkdir(exist_ok=True)
    shutil.copy(wheel, folder)
    with zipfile.ZipFile(folder / wheel.name, "a") as opened:
        opened.writestr(MARK, mark)


def _package(python: Path, service: Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONPATH", "SERVICE_NAME", "PIP_FIND_LINKS"}
    }
    return subprocess.run(
        [python, "-m", "carafe", "package", "--stage", "dev"],
        cwd=service,
        env=inherited | settings,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _mark_in(service: Path) -> str:
    with zipfile.ZipFile(service / "build" / "dev" / CODE) as opened:
        assert "carafe/domain/model.py" in opened.namelist()
        return opened.read(MARK).decode()


def test_from_the_folder_wheels_and_anew_when_the_wheel_is_another(
    python: Path, wheel: Path, service: Path
) -> None:
    """Of the same name: requirements.txt has not changed, by which Chalice would know."""
    for mark in ("FIRST = 1\n", "SECOND = 2\n"):
        _marked(wheel, service / "wheels", mark)
        result = _package(python, service)
        assert result.returncode == 0, result.stdout + result.stderr
        assert _mark_in(service) == mark


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that is served over HTTP, and its address."""
    folder = tmp_path / "served"
    folder.mkdir()
    handler = functools.partial(_Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    with serving(server):
        yield folder, f"http://127.0.0.1:{server.server_address[1]}"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def test_from_a_package_index(
    python: Path, wheel: Path, service: Path, served: tuple[Path, str]
) -> None:
    """Beside the one from which the other packages come."""
    folder, address = served
    packages = folder / "simple" / "carafe-foundation"
    packages.mkdir(parents=True)
    _marked(wheel, packages, "FROM = 'the index'\n")
    page = f'<!DOCTYPE html><a href="{wheel.name}">{wheel.name}</a>'
    (packages / "index.html").write_text(page)
    result = _package(python, service, PIP_EXTRA_INDEX_URL=f"{address}/simple/")
    assert result.returncode == 0, result.stdout + result.stderr
    assert _mark_in(service) == "FROM = 'the index'\n"


def test_from_an_address_of_git(python: Path, service: Path, served: tuple[Path, str]) -> None:
    folder, address = served
    commit = _repository(folder / "carafe.git", "FROM = 'git'\n")
    requirements = f"carafe-foundation @ git+{address}/carafe.git@{commit}#subdirectory=foundation"
    (service / "requirements.txt").write_text(f"{requirements} # not released yet\n")
    result = _package(python, service)
    assert result.returncode == 0, result.stdout + result.stderr
    assert _mark_in(service) == "FROM = 'git'\n"


def _repository(folder: Path, mark: str) -> str:
    """Make a repository of this tree that can be cloned over HTTP; return its newest commit."""
    tree = folder.with_suffix("")
    made_here = (".git", ".venv", ".local", ".env", "build", "__pycache__", ".*_cache")
    shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(*made_here, ".hypothesis"))
    (tree / "foundation" / MARK).write_text(mark)
    project = tree / "foundation" / "pyproject.toml"
    every = re.compile(r"^dependencies = \[.*?^\]", re.MULTILINE | re.DOTALL)
    project.write_text(every.sub("dependencies = []", project.read_text()))

    def git(*words: str, where: Path = tree) -> str:
        person = ("-c", "user.name=x", "-c", "user.email=x@example.com")
        command = ["git", *person, *words]
        result = subprocess.run(command, cwd=where, capture_output=True, text=True, check=True)
        return result.stdout.strip()

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "--message", "Everything")
    git("clone", "--quiet", "--bare", str(tree), str(folder))
    git("update-server-info", where=folder)
    return git("rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("requirements", "reason"),
    [
        ("carafe-foundation @ git+{address}/nobody.git", "nobody.git/' not found"),
        ("carafe-foundation[service] @ {address}/carafe_foundation-1-py3-none-any.whl", "404"),
    ],
)
def test_an_address_with_nothing_is_told_in_one_line(
    python: Path, service: Path, served: tuple[Path, str], requirements: str, reason: str
) -> None:
    (service / "requirements.txt").write_text(requirements.format(address=served[1]))
    result = _package(python, service)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: no wheel could be built from an address in requirements.txt: ")
    assert reason in line


def test_a_foundation_that_is_nowhere_is_told_in_one_line(python: Path, service: Path) -> None:
    (service / "wheels").mkdir()
    nowhere = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}
    result = _package(python, service, **nowhere)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"error: no wheel for Lambda is available of {REQUIREMENT} ")
    assert not (service / "build" / "dev").exists()
