"""Stages of trees that tests package, and the tools that check their templates."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from carafe.development.deployment.package import TEMPLATE, Package, build_package
from carafe.development.deployment.stage_settings import CONFIG
from carafe.development.project import Project

Template = dict[str, Any]

TRANSFORM = "carafe.development.deployment.transform"


def with_stage(tree: Project, name: str, **settings: object) -> Project:
    """Let a tree's configuration say more of a stage, which may be new."""
    file = tree.root / CONFIG
    config = json.loads(file.read_text())
    config["stages"].setdefault(name, {}).update(settings)
    file.write_text(json.dumps(config))
    return tree


def packaged(tree: Project) -> Package:
    """Return the package of a tree's stage prod, made beside the tree."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(tree.root)
        return build_package(tree, "prod", tree.root.parent / "package", print)


def transform(package: Package, tools: Path) -> Template:
    """Return a template as CloudFormation transforms it; both forms must pass the linter."""
    source, target = package.folder / TEMPLATE, package.folder / "transformed.json"
    target.write_text(run_tool(tools, "-m", TRANSFORM, str(source)))
    require_lint(tools, source, target)
    read: Template = json.loads(target.read_text())
    return read


def require_lint(tools: Path, *templates: Path) -> None:
    """Fail unless the linter finds nothing in templates."""
    assert run_tool(tools, str(tools / "bin" / "cfn-lint"), *map(str, templates)) == ""


def run_tool(tools: Path, *command: str) -> str:
    """Run Python with the tools that check templates, and return its output.

    Args:
        tools: the folder of their packages.
        command: what follows Python's name.
    """
    result = subprocess.run(
        [sys.executable, *command],
        env={**os.environ, "PYTHONPATH": str(tools)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
