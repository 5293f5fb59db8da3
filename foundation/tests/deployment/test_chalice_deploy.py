"""`chalice deploy`, the same again, and `chalice delete`, against moto."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from carafe.development.deployment.package import Package
from carafe.development.deployment.runtimes import this_machine
from carafe.development.deployment.stages import read_stage
from carafe.development.deployment.workspace import set_stage
from carafe.development.project import Project
from tests.support.places import FOUNDATION

FUNCTIONS = [
    "ordering-dev",
    "ordering-dev-authorize",
    "ordering-dev-bridge",
    "ordering-dev-consume",
    "ordering-dev-execute",
    "ordering-dev-migrate",
    "ordering-dev-sweep",
]
ROLES = ["ordering-dev-api_handler", *FUNCTIONS[1:]]
DEPLOYED = {
    "functions": FUNCTIONS,
    "roles": ROLES,
    "event source mappings": [
        "arn:aws:sqs:us-east-1:123456789012:ordering-commands",
        "arn:aws:sqs:us-east-1:123456789012:ordering-nudges",
    ],
    "schedules": ["ordering-dev-sweep-event"],
    "apis": ["ordering"],
}


@pytest.mark.usefixtures("packages")
def test_deployed_twice_and_deleted(project: Project, checking_tools: Path, tmp_path: Path) -> None:
    """Deployed once more, it is the same; deleted, nothing is left."""
    copy = tmp_path / "project"
    shutil.copytree(project.root / "build" / "package" / "project", copy)
    # For the processors that the packages are for: their dependencies are there already.
    set_stage(copy, replace(read_stage("dev", project), architecture=this_machine()))
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.chalice_deploy", str(copy), "dev"],
        cwd=FOUNDATION,
        env={**os.environ, "PYTHONPATH": str(checking_tools)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    steps: Mapping[str, object] = json.loads(done.stdout)
    assert steps["deployed"] == steps["deployed again"] == DEPLOYED
    assert steps["deleted"] == {kind: [] for kind in DEPLOYED}


def test_the_package_and_chalice_deploy_name_functions_alike(
    packages: Mapping[str, Package],
) -> None:
    assert sorted(packages["dev"].functions) == FUNCTIONS
