"""A package holds what is deployed, compiled, and nothing else; or there is none."""

import io
import json
import os
import struct
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from workflow.deployment import archive
from workflow.deployment.errors import PackagingFailed, TemplateUnsafe, UnknownStage
from workflow.deployment.package import CODE, TEMPLATE, Package, make

ROOT = Path(__file__).parents[2]
UNCHECKED_HASH = 0b01


def _names(package: Package) -> set[str]:
    with zipfile.ZipFile(package.folder / CODE) as opened:
        return set(opened.namelist())


def test_every_module_comes_compiled_and_unchecked(package: Package) -> None:
    """So that a cold start neither compiles nor looks at a source."""
    tag = sys.implementation.cache_tag
    with zipfile.ZipFile(package.folder / CODE) as opened:
        head = opened.read(f"chalicelib/infrastructure/__pycache__/bootstrap.{tag}.pyc")[:8]
    assert struct.unpack("<I", head[4:])[0] == UNCHECKED_HASH
    ours = {name for name in _names(package) if name.startswith("chalicelib/")}
    sources = {name for name in ours if name.endswith(".py")}
    compiled = {name for name in ours if name.endswith(".pyc")}
    assert len(compiled) == len(sources)


def test_all_that_is_ours_is_in_it(package: Package) -> None:
    ours = {path.relative_to(ROOT).as_posix() for path in (ROOT / "chalicelib").rglob("*.py")}
    page = {f"chalicelib/api/docs/page.{kind}" for kind in ("html", "css", "js")}
    assert ours | page | {"app.py"} <= _names(package)


def test_what_lambda_supplies_and_what_never_runs_is_not_in_it(package: Package) -> None:
    tops = {name.partition("/")[0] for name in _names(package)}
    assert tops & {"boto3", "botocore", "tests", "workflow", "dotenv", ".chalice"} == set()


def test_the_size_is_far_from_the_gate(package: Package) -> None:
    assert package.source_bytes <= archive.LARGEST_MEGABYTES * archive.MEGABYTE


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout of its own, as small as can be packaged."""
    folder = tmp_path / "project"
    (folder / "chalicelib").mkdir(parents=True)
    (folder / "chalicelib" / "__init__.py").write_text("")
    (folder / "app.py").write_text((ROOT / "app.py").read_text())
    (folder / "requirements.txt").write_text("")
    for name in ("chalicelib", ".chalice"):
        _link(ROOT / name, folder / name)
    return folder


def _link(source: Path, target: Path) -> None:
    for path in source.rglob("*"):
        kept = "deployments" not in path.parts and "deployed" not in path.parts
        if path.is_file() and kept and path.suffix != ".pyc":
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())


def test_what_lies_about_in_the_checkout_stays_there(project: Path, tmp_path: Path) -> None:
    """Chalice alone packs whatever it finds in chalicelib."""
    for name in (".mypy_cache/x.json", "tests/test_x.pyc", "notes.txt"):
        path = project / "chalicelib" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    made = make("dev", tmp_path / "made", print, project)
    assert not any("mypy" in name or "notes" in name or "test_x" in name for name in _names(made))


def test_tests_in_the_package_are_refused(project: Path, tmp_path: Path) -> None:
    (project / "chalicelib" / "tests").mkdir()
    (project / "chalicelib" / "tests" / "test_x.py").write_text("")
    with pytest.raises(PackagingFailed, match=r"chalicelib/tests/test_x\.py"):
        make("dev", tmp_path / "made", print, project)
    assert not (tmp_path / "made").exists()


def test_a_function_without_its_entry_is_named(project: Path, tmp_path: Path) -> None:
    path = project / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    del config["lambda_functions"]["execute"]
    path.write_text(json.dumps(config))
    with pytest.raises(PackagingFailed, match="execute: no lambda_timeout"):
        make("dev", tmp_path / "made", print, project)


def test_a_broken_configuration_is_told_in_one_line(project: Path, tmp_path: Path) -> None:
    (project / ".chalice" / "config.json").write_text("{")
    with pytest.raises(PackagingFailed, match="cannot be read") as failure:
        make("dev", tmp_path / "made", print, project)
    assert "\n" not in str(failure.value)


def test_an_unsafe_template_leaves_nothing(project: Path, tmp_path: Path) -> None:
    policy = project / ".chalice" / "policies" / "bridge.json"
    policy.write_text(policy.read_text().replace("sqs:ReceiveMessage", "sqs:ListQueues"))
    with pytest.raises(TemplateUnsafe, match="Bridge may not sqs:ReceiveMessage"):
        make("dev", tmp_path / "made", print, project)
    assert not (tmp_path / "made").exists()


def test_a_failed_package_leaves_the_one_before(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "made"
    make("dev", folder, print, project)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (project / "chalicelib" / "broken.py").write_text("def (:")
    with pytest.raises(PackagingFailed, match=r"chalicelib/broken\.py does not compile"):
        make("dev", folder, print, project)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert before.keys() == {CODE, TEMPLATE}
    json.loads(before[TEMPLATE])


def test_a_large_package_is_refused(project: Path, tmp_path: Path) -> None:
    large = repr(os.urandom(archive.LARGEST_MEGABYTES * archive.MEGABYTE).hex())
    (project / "chalicelib" / "large.py").write_text(f"LARGE = {large}")
    with pytest.raises(PackagingFailed, match="at most 6 are allowed"):
        make("dev", tmp_path / "made", print, project)
    assert not (tmp_path / "made").exists()


BACKEND = """
import os

def get_requires_for_build_wheel(settings=None):
    return []

def prepare_metadata_for_build_wheel(folder, settings=None):
    info = "unbuildable-1.0.dist-info"
    os.makedirs(os.path.join(folder, info))
    with open(os.path.join(folder, info, "METADATA"), "w") as file:
        file.write("Metadata-Version: 2.1\\nName: unbuildable\\nVersion: 1.0\\n")
    return info

def build_wheel(folder, settings=None, metadata=None):
    raise RuntimeError("it needs a compiler")
"""


@pytest.fixture
def lonely_pip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pip finds nothing but what lies in a folder."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def _put_unbuildable(folder: Path) -> None:
    """Put a source distribution there that cannot be built."""
    build = '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n'
    files = {
        "pyproject.toml": build,
        "backend.py": BACKEND,
        "PKG-INFO": "Metadata-Version: 2.1\nName: unbuildable\nVersion: 1.0\n",
    }
    with tarfile.open(folder / "unbuildable-1.0.tar.gz", "w:gz") as opened:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"unbuildable-1.0/{name}")
            entry.size = len(text.encode())
            opened.addfile(entry, io.BytesIO(text.encode()))


@pytest.mark.parametrize("name", ["unbuildable", "no-such-package"])
def test_a_missing_dependency_fails_although_chalice_may_go_on(
    project: Path, tmp_path: Path, lonely_pip: Path, name: str
) -> None:
    _put_unbuildable(lonely_pip)
    (project / "requirements.txt").write_text(f"{name}==1.0\n")
    with pytest.raises(PackagingFailed, match=f"{name}.*index reachable") as failure:
        make("dev", tmp_path / "made", print, project)
    assert "\n" not in str(failure.value)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("stage", ["staging", "local", "", "../prod"])
def test_an_unknown_stage_is_told_in_one_line(stage: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownStage, match="dev, prod") as refusal:
        make(stage, tmp_path / "made", print)
    assert "\n" not in str(refusal.value)
    assert not (tmp_path / "made").exists()


def test_the_command_line_tells_it_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workflow", "package", "--stage", "staging"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("error: there is no stage 'staging'")
    assert len(done.stderr.splitlines()) == 1
