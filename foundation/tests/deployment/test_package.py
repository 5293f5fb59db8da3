"""A package holds what is deployed, compiled, and nothing else; or there is none."""

import io
import json
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from carafe.development.deployment import archive, checks
from carafe.development.deployment.deployer import FILE
from carafe.development.deployment.errors import (
    DocumentsUnreadable,
    FunctionsUnfit,
    PackagingFailed,
    TemplateUnsafe,
    UnknownStage,
)
from carafe.development.deployment.operations import add_commands
from carafe.development.deployment.package import CODE, TEMPLATE, Package, build_package
from carafe.development.deployment.template.functions import OPERATIONS
from carafe.development.deployment.template.queues import VISIBILITY_RATIO
from carafe.development.project import Project
from carafe.development.stored_forms.commands import RELEASED
from tests.support.places import FOUNDATION, ROOT

UNCHECKED_HASH = 0b01

RUNTIME = ("api", "client", "contracts", "domain", "infrastructure")
PAGE = {f"carafe/api/docs/page.{kind}" for kind in ("html", "css", "js")}


def _names(package: Package) -> set[str]:
    with zipfile.ZipFile(package.folder / CODE) as opened:
        return set(opened.namelist())


def test_every_module_comes_compiled_and_unchecked(package: Package) -> None:
    """So that a cold start neither compiles nor looks at a source."""
    tag = sys.implementation.cache_tag
    with zipfile.ZipFile(package.folder / CODE) as opened:
        head = opened.read(f"chalicelib/infrastructure/__pycache__/bootstrap.{tag}.pyc")[:8]
    assert struct.unpack("<I", head[4:])[0] == UNCHECKED_HASH
    names = {name for name in _names(package) if name.startswith("chalicelib/")}
    sources = {name for name in names if name.endswith(".py")}
    compiled = {name for name in names if name.endswith(".pyc")}
    assert len(compiled) == len(sources)


def test_all_of_the_service_is_in_it(package: Package) -> None:
    names = {path.relative_to(ROOT).as_posix() for path in (ROOT / "chalicelib").rglob("*.py")}
    assert names | {"app.py"} <= _names(package)


def test_of_the_foundation_its_runtime_is_in_it_and_nothing_else(package: Package) -> None:
    """Extras leave out no files: what is for development and tests is left out here."""
    rooms = [path for room in RUNTIME for path in (FOUNDATION / "carafe" / room).rglob("*.py")]
    modules = {path.relative_to(FOUNDATION).as_posix() for path in rooms}
    deployed = {name for name in _names(package) if name.startswith("carafe/")}
    sources = {name for name in deployed if not name.endswith(".pyc")}
    assert sources == modules | PAGE | {"carafe/__init__.py"}
    compiled = {name for name in deployed if name.endswith(".pyc")}
    assert len(compiled) == len(modules) + 1


def test_a_foundation_under_development_is_packaged_as_it_is(package: Package) -> None:
    """Here it is installed from its source, and no wheel of it lies anywhere."""
    with zipfile.ZipFile(package.folder / CODE) as opened:
        names = [name for name in opened.namelist() if name.startswith("carafe/")]
        packaged = {name: opened.read(name) for name in names if not name.endswith(".pyc")}
    assert packaged == {name: (FOUNDATION / name).read_bytes() for name in packaged}


def test_of_what_pip_notes_only_descriptions_and_licences_are_in_it(package: Package) -> None:
    notes = {name for name in _names(package) if ".dist-info/" in name}
    assert any(name.startswith("carafe_foundation-") for name in notes)
    allowed = ("METADATA", "LICENSE", "AUTHORS")
    assert [name for name in notes if not Path(name).name.startswith(allowed)] == []


def test_nothing_that_only_a_type_checker_or_a_compiler_reads_is_in_it(package: Package) -> None:
    unread = (".pyi", ".typed", ".c", ".h")
    assert [name for name in _names(package) if name.endswith(unread)] == []


def test_what_lambda_supplies_and_what_never_runs_is_not_in_it(package: Package) -> None:
    tops = {name.partition("/")[0] for name in _names(package)}
    elsewhere = {"boto3", "botocore", "tests", "local", "foundation", "dotenv", "click", ".chalice"}
    assert tops & elsewhere == set()


def test_recurrences_find_their_zones_in_it(package: Package) -> None:
    """The system of a function may have none."""
    assert {"cronsim/cronsim.py", "tzdata/zoneinfo/Europe/Berlin"} <= set(_names(package))


def test_the_operators_commands_are_only_in_the_code_of_migrate(package: Package) -> None:
    with zipfile.ZipFile(package.folder / OPERATIONS) as opened:
        names = set(opened.namelist())
        assert sorted(names) == sorted(opened.namelist())
    assert _names(package) < names
    added = {name.partition("/")[0] for name in names - _names(package)}
    assert {"click", "rich", ".chalice", "carafe"} <= added
    assert "carafe/development/remote/function.py" in names
    template = json.loads((package.folder / TEMPLATE).read_text())
    code = {
        name: each["Properties"]["CodeUri"]
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::Serverless::Function"
    }
    assert code.pop("Migrate") == f"./{OPERATIONS}"
    assert set(code.values()) == {f"./{CODE}"}


def test_a_package_that_the_functions_have_is_not_added_to_it(tmp_path: Path) -> None:
    """Neither twice, nor in another version than theirs."""
    code, commands = tmp_path / "code", tmp_path / "commands"
    (code / "click").mkdir(parents=True)
    add_commands(ROOT, code, commands)
    assert {each.name for each in commands.iterdir()} >= {"carafe", "rich", ".chalice"}
    assert not (commands / "click").exists()


def test_the_size_is_far_from_the_gate(package: Package) -> None:
    assert package.source_bytes <= archive.LARGEST_MEGABYTES * archive.MEGABYTE


def test_what_lies_about_in_the_checkout_stays_there(small: Project, tmp_path: Path) -> None:
    """Chalice alone packs whatever it finds in chalicelib."""
    for name in (".mypy_cache/x.json", "tests/test_x.pyc", "notes.txt"):
        path = small.root / "chalicelib" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("")
    package = build_package(small, "dev", tmp_path / "package", print)
    assert not any(
        "mypy" in name or "notes" in name or "test_x" in name for name in _names(package)
    )


def test_tests_in_the_package_are_refused(small: Project, tmp_path: Path) -> None:
    (small.root / "chalicelib" / "tests").mkdir()
    (small.root / "chalicelib" / "tests" / "test_x.py").write_text("")
    with pytest.raises(PackagingFailed, match=r"chalicelib/tests/test_x\.py"):
        build_package(small, "dev", tmp_path / "package", print)
    assert not (tmp_path / "package").exists()


def test_a_function_without_its_entry_is_named(small: Project, tmp_path: Path) -> None:
    path = small.root / ".chalice" / "config.json"
    config = json.loads(path.read_text())
    del config["lambda_functions"]["execute"]
    path.write_text(json.dumps(config))
    with pytest.raises(FunctionsUnfit, match="execute: no lambda_timeout and no iam_policy_file"):
        build_package(small, "dev", tmp_path / "package", print)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("{", "config.json cannot be read"),
        ("[]", "config.json has no app_name"),
        ('{"app_name": "x", "stages": []}', "config.json has no stages"),
    ],
)
def test_a_broken_configuration_is_told_in_one_line(
    small: Project, tmp_path: Path, config: str, message: str
) -> None:
    (small.root / ".chalice" / "config.json").write_text(config)
    with pytest.raises(PackagingFailed, match=message) as failure:
        build_package(small, "dev", tmp_path / "package", print)
    assert "\n" not in str(failure.value)


def test_code_that_could_not_read_old_documents_is_not_packaged(
    small: Project, tmp_path: Path
) -> None:
    path = small.root / RELEASED
    forms = json.loads(path.read_text())
    forms["orders"]["attributes"]["gift"] = {"type": "bool"}
    path.write_text(json.dumps(forms))
    with pytest.raises(DocumentsUnreadable, match=r"Order\.gift is gone, but stored documents"):
        build_package(small, "dev", tmp_path / "package", print)
    assert not (tmp_path / "package").exists()


def test_a_tree_without_requirements_is_told_so(small: Project, tmp_path: Path) -> None:
    (small.root / "requirements.txt").unlink()
    with pytest.raises(PackagingFailed, match=r"requirements\.txt cannot be read: No such file"):
        build_package(small, "dev", tmp_path / "package", print)


def test_an_unsafe_template_leaves_nothing(
    small: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "VISIBILITY_RATIO", VISIBILITY_RATIO + 1)
    with pytest.raises(TemplateUnsafe, match="-nudges shows messages again"):
        build_package(small, "dev", tmp_path / "package", print)
    assert not (tmp_path / "package").exists()


def test_a_failed_package_leaves_the_one_before(small: Project, tmp_path: Path) -> None:
    folder = tmp_path / "package"
    build_package(small, "dev", folder, print)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    (small.root / "chalicelib" / "broken.py").write_text("def (:")
    with pytest.raises(PackagingFailed, match=r"chalicelib/broken\.py does not compile"):
        build_package(small, "dev", folder, print)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert before.keys() == {CODE, FILE, OPERATIONS, TEMPLATE}
    json.loads(before[TEMPLATE])


def test_a_large_package_is_refused(small: Project, tmp_path: Path) -> None:
    large = repr(os.urandom(archive.LARGEST_MEGABYTES * archive.MEGABYTE).hex())
    (small.root / "chalicelib" / "large.py").write_text(f"LARGE = {large}")
    with pytest.raises(PackagingFailed, match=f"at most {archive.LARGEST_MEGABYTES} are allowed"):
        build_package(small, "dev", tmp_path / "package", print)
    assert not (tmp_path / "package").exists()


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


def test_the_same_code_makes_the_same_file(small: Project, tmp_path: Path) -> None:
    """Nothing of when, where and in which order it was made is in it."""
    (small.root / "requirements.txt").write_text("msgspec==0.22.0\n")
    codes = []
    for name in ("first", "second"):
        project = Project(small.root.rename(tmp_path / name))  # and Chalice's cache goes
        shutil.rmtree(project.root / "build", ignore_errors=True)
        build_package(project, "dev", tmp_path / "package", print)
        codes.append((tmp_path / "package" / CODE).read_bytes())
        small = project
    assert codes[0] == codes[1]


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
    small: Project, tmp_path: Path, lonely_pip: Path, name: str
) -> None:
    _put_unbuildable(lonely_pip)
    (small.root / "requirements.txt").write_text(f"{name}==1.0\n")
    with pytest.raises(PackagingFailed, match=f"{name}.*index reachable") as failure:
        build_package(small, "dev", tmp_path / "package", print)
    assert "\n" not in str(failure.value)
    assert not (tmp_path / "package").exists()


@pytest.mark.parametrize("stage", ["staging", "local", "", "../prod"])
def test_an_unknown_stage_is_told_in_one_line(project: Project, stage: str, tmp_path: Path) -> None:
    with pytest.raises(UnknownStage, match="dev, prod") as failure:
        build_package(project, stage, tmp_path / "package", print)
    assert "\n" not in str(failure.value)
    assert not (tmp_path / "package").exists()


def _error_line(folder: Path, *words: str) -> str:
    """Return the one line by which a command is refused."""
    result = subprocess.run(
        [sys.executable, "-m", "carafe", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    return line


def test_the_command_line_tells_it_too() -> None:
    line = _error_line(ROOT, "package", "--stage", "staging")
    assert line.startswith("error: there is no stage 'staging'")


@pytest.mark.parametrize("words", ["package --stage dev", "client build"])
@pytest.mark.parametrize(
    ("module", "text", "message"),
    [
        (
            "infrastructure/bootstrap.py",
            "import nothing_there",
            "chalicelib/infrastructure/bootstrap.py, line 1: ModuleNotFoundError: No module named",
        ),
        (
            "infrastructure/settings.py",
            "\ndef (:",
            "chalicelib/infrastructure/settings.py, line 2: SyntaxError: invalid syntax",
        ),
        ("infrastructure/bootstrap.py", "", "chalicelib.infrastructure.bootstrap has no `service`"),
    ],
)
def test_a_service_that_cannot_be_loaded_is_told_in_one_line(
    small: Project, words: str, module: str, text: str, message: str
) -> None:
    (small.root / "chalicelib" / module).write_text(text)
    assert _error_line(small.root, *words.split()).startswith(f"error: {message}")
    assert not (small.root / "build" / "dev").exists()
