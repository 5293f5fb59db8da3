"""The copy of a service that is packaged holds what the service says now, and nothing older."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from carafe.development.client_build.wheel_file import Distribution, write
from carafe.development.deployment.addresses import replace_addresses
from carafe.development.deployment.package import replace_folder
from carafe.development.deployment.workspace import copy_service, undeployed_files

NAME = "carafe-foundation"


def wheel(folder: Path, version: str, mark: str = "") -> Path:
    """Make a wheel that holds one module."""
    about = Distribution(NAME, version, "A foundation.", (), ">=3.11", "")
    return write(about, {"carafe/__init__.py": mark}, folder)


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """The wheels of a service that has been deployed often, and of one later trial."""
    folder = tmp_path / "wheels"
    for version in (*(f"0.{number}.0" for number in range(12)), "9.0.0"):
        wheel(folder, version)
    return folder


@pytest.mark.parametrize("version", ["0.12.0", "0.3.0"])
def test_what_lies_at_an_address_is_taken_whatever_lay_there_before(
    wheels: Path, tmp_path: Path, version: str
) -> None:
    address = wheel(tmp_path / "address", version, "NEW = True\n")
    before = {path.name for path in wheels.iterdir()}
    requirement = f"{NAME}[service] @ {address.as_uri()} # not released yet"
    requirements = f"# what it needs\n{requirement}\nmsgspec"
    result = replace_addresses(requirements, wheels)
    pinned = f"{NAME}[service]=={version}"
    assert result.split("\n") == ["--find-links wheels", "# what it needs", pinned, "msgspec"]
    assert {path.name for path in wheels.iterdir()} == before | {address.name}
    assert (wheels / address.name).read_bytes() == address.read_bytes()


def test_a_requirement_whose_marker_excludes_this_environment_is_dropped(
    wheels: Path, tmp_path: Path
) -> None:
    address = wheel(tmp_path / "address", "1.0.0").as_uri()
    excluded = f"{NAME} @ {address} ; python_version < '3'"
    assert replace_addresses(f"{excluded}\nmsgspec", wheels) == "--find-links wheels\nmsgspec"
    included = f"{NAME} @ {address} ; python_version >= '3'"
    pinned = f"--find-links wheels\n{NAME}==1.0.0"
    assert replace_addresses(f"{excluded}\n{included}", wheels).split("\n").count(f"{NAME}==1.0.0")
    assert replace_addresses(included, wheels) == pinned


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """As much of a service as is copied."""
    root = tmp_path / "service"
    files = ("app.py", "chalicelib/__init__.py", "requirements.txt")
    for name in (*files, ".chalice/config.json", ".chalice/policies/sweep.json"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    return root


def test_a_policy_that_was_deleted_is_not_packaged_and_the_cache_stays(
    service: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carafe.development.deployment.workspace.source_tree", lambda: None)
    (service / ".chalice/policies/consume.json").write_text("{}")
    (service / ".chalice/policy-dev.json").write_text("{}")
    copy = copy_service(service, tmp_path / "copy") / ".chalice"
    cache = copy / "deployments/cache/wheel"
    cache.parent.mkdir(parents=True)
    cache.touch()
    assert (copy / "policies/consume.json").exists()
    (service / ".chalice/policies/consume.json").unlink()
    (service / ".chalice/policy-dev.json").unlink()
    (service / ".chalice/config.json").write_text("{}")
    copy_service(service, tmp_path / "copy")
    names = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert names == {"config.json", "policies/sweep.json", "deployments/cache/wheel"}
    assert (copy / "config.json").read_text() == "{}"


def test_what_is_left_out_is_named(service: Path) -> None:
    released = ("contracts/released.json", "infrastructure/released_forms.json")
    for name in ("prices.csv", "api/__pycache__/wiring.pyc", *released):
        path = service / "chalicelib" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    assert undeployed_files(service) == [Path("chalicelib/prices.csv")]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system."""
    memory = Path("/dev/shm")  # noqa: S108 - Linux's file system in memory
    if not memory.is_dir() or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is one file system alone")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


def test_a_package_is_put_on_another_file_system_in_the_place_of_an_older_one(
    tmp_path: Path, elsewhere: Path
) -> None:
    for text in ("first", "second"):
        folder = tmp_path / text
        folder.mkdir()
        (folder / "sam.json").write_text(text)
        replace_folder(elsewhere / "dev", folder)
    assert (elsewhere / "dev/sam.json").read_text() == "second"
    assert [each.name for each in elsewhere.iterdir()] == ["dev"]
