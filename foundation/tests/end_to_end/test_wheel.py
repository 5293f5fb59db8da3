"""The foundation's wheel, made of a source tree or of what a wheel installed: one and the same."""

import subprocess
import sys
import zipfile
from pathlib import Path

from carafe.development.new.sample import files_below
from carafe.development.upgrade.changelog import IN_WHEEL
from carafe.development.wheel import source_tree
from tests.support.commands import output_of
from tests.support.new_service import ALONE, PIP, Installation
from tests.support.places import FOUNDATION, ROOT

IGNORED = {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache"}

AGAIN = """
from pathlib import Path
from carafe.development.wheel import build_wheel, source_tree
assert source_tree() is None
print(build_wheel(Path("again")))
"""


def _contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def _below(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder.parent).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not IGNORED & set(path.parts)
    }


def test_every_file_of_the_package_is_in_it_and_what_lies_beside_it(
    installation: Installation,
) -> None:
    assert source_tree() == FOUNDATION
    sample = {
        f"carafe/development/new/sample_service/{name}": path.read_bytes()
        for name, path in files_below(ROOT).items()
    }
    changelog = {IN_WHEEL: (ROOT / "CHANGELOG.md").read_bytes()}
    contents = _contents(installation.wheel)
    own = {name: text for name, text in contents.items() if ".dist-info/" not in name}
    expected = {**_below(FOUNDATION / "carafe"), **sample, **changelog}
    assert own.keys() == expected.keys()
    assert [name for name in own if own[name] != expected[name]] == []
    for suffix in (".css", ".html", ".j2", ".js", ".json", ".md", ".sh.j2", ".txt", ".yaml"):
        assert any(name.endswith(suffix) for name in own), suffix


def test_an_installed_wheel_is_put_together_again(
    installation: Installation, tmp_path: Path
) -> None:
    said = output_of(tmp_path, str(installation.python), "-c", AGAIN)
    again = tmp_path / said.strip()
    assert again.name == installation.wheel.name
    first, second = _contents(installation.wheel), _contents(again)
    (record,) = (name for name in first if name.endswith("/RECORD"))
    assert sorted(first.pop(record).split()) == sorted(second.pop(record).split())
    assert first == second
    target = tmp_path / "target"
    subprocess.run([*PIP, "install", *ALONE, "--target", str(target), str(again)], check=True)
    code = "import carafe; print(carafe.__file__)"
    found = output_of(tmp_path, sys.executable, "-c", code, PYTHONPATH=str(target))
    assert found.strip() == str(target / "carafe/__init__.py")


def test_the_same_files_make_the_same_wheel(installation: Installation, tmp_path: Path) -> None:
    made = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        said = output_of(tmp_path / name, str(installation.python), "-c", AGAIN)
        made.append((tmp_path / name / said.strip()).read_bytes())
    assert made[0] == made[1]


def test_an_installation_with_a_hole_is_named(installation: Installation, tmp_path: Path) -> None:
    page = installation.packages / "carafe/api/docs/page.html"
    text = page.read_bytes()
    page.unlink()
    try:
        words = (str(installation.carafe), "new", "lending", "--yes")
        said = output_of(tmp_path, *words, expected=1)
    finally:
        page.write_bytes(text)
    assert said.splitlines()[-1].startswith("error: nothing was created: carafe/api/docs/page.html")
    assert list(tmp_path.iterdir()) == []


def test_a_tree_that_cannot_be_built_is_named(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path; from carafe.development import wheel; "
        "wheel.source_tree = lambda: Path('nothing'); wheel.build_wheel(Path('wheels'))"
    )
    said = output_of(tmp_path, sys.executable, "-c", code, expected=1)
    assert "WheelNotBuilt: the wheel of nothing cannot be built: " in said.splitlines()[-1]
    assert list((tmp_path / "wheels").iterdir()) == []
