"""Wheel and sdist are the same bytes whoever builds them, and what differs is noticed."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from release.checkout import NotReleased
from release.distributions import build

PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "library"
version = "1.0.0"
requires-python = ">=3.11"
[tool.hatch.build.targets.{target}.hooks.custom]
"""
HOOK = """
import uuid
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

class Hook(BuildHookInterface):
    def initialize(self, version, build_data):
        {line}
"""
CHANGING = "open('{path}', 'w').write(uuid.uuid4().hex)"


def exporting(tree: Path, target: str, line: str) -> Callable[[Path], Path]:
    """Return what exports a small project, whose build does something besides."""
    package = tree / "foundation/library"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (tree / "foundation/pyproject.toml").write_text(PROJECT.format(target=target))
    (tree / "foundation/hatch_build.py").write_text(HOOK.format(line=line))
    return lambda into: Path(shutil.copytree(tree, into))


def test_the_same_twice_is_returned(tree: Path, tmp_path: Path) -> None:
    built = build(exporting(tree, "wheel", "pass"), tmp_path / "build", 1_700_000_000)
    assert [path.name for path in built] == [
        "library-1.0.0-py3-none-any.whl",
        "library-1.0.0.tar.gz",
    ]


@pytest.mark.parametrize(
    ("target", "path", "name"),
    [
        ("wheel", "library/number.py", "library-1.0.0-py3-none-any.whl"),
        ("sdist", "number.py", "library-1.0.0.tar.gz"),
    ],
)
def test_another_the_second_time_is_refused(
    tree: Path, tmp_path: Path, target: str, path: str, name: str
) -> None:
    export = exporting(tree, target, CHANGING.format(path=path))
    with pytest.raises(NotReleased, match=f"^{name} is another when it is built again"):
        build(export, tmp_path / "build", 1_700_000_000)


def test_what_cannot_be_built_is_told_in_one_line(tree: Path, tmp_path: Path) -> None:
    export = exporting(tree, "wheel", "raise ValueError('no ink')")
    with pytest.raises(NotReleased, match=r"^sdist and wheel cannot be built: .*no ink$"):
        build(export, tmp_path / "build", 1_700_000_000)
