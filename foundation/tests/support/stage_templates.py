"""Stages of trees that tests package, and the tools that check their templates."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from carafe.development.deployment.package import TEMPLATE, Package, build_package
from carafe.development.deployment.stage_settings import CONFIG
from carafe.development.project import Project

from .places import FOUNDATION

Template = dict[str, Any]

STAGES = FOUNDATION / "carafe/development/pages/stages.md"
TRANSFORM = "carafe.development.deployment.transform"


def with_stage(tree: Project, name: str, **settings: object) -> Project:
    """Let a tree's configuration say more of a stage, which may be new."""
    file = tree.root / CONFIG
    config = json.loads(file.read_text())
    config["stages"].setdefault(name, {}).update(settings)
    file.write_text(json.dumps(config))
    return tree


def with_hook(tree: Project) -> Project:
    """Add the statement of the page about stages to the policy of `migrate`: a rollout needs it."""
    statement = re.findall(r"```json\n(.*?)```", STAGES.read_text("utf-8"), re.DOTALL)[1]
    policy = tree.root / ".chalice/policies/migrate.json"
    document = json.loads(policy.read_text())
    document["Statement"].append(json.loads(statement.replace("SERVICE", "ordering")))
    policy.write_text(json.dumps(document))
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


def run_tool(tools: Path, *command: str, folder: Path | None = None) -> str:
    """Run Python with the tools that check templates, and return its output.

    Args:
        tools: the folder of their packages.
        command: what follows Python's name.
        folder: its working directory; None for this process's.
    """
    result = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(tools)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout
