"""The pipelines of the pages: audited as our own workflows are, and their steps run."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from carafe.development.deployment.stages import read_stage
from carafe.development.project import Project
from tests.support.places import FOUNDATION
from tests.support.workflow_audit import audited

from .conftest import small_tree

PAGES = FOUNDATION / "carafe/development/pages"
COMMIT = "8e8c483db84b4bee98b60c0593521ed34d9990e8"


def workflow(page: str) -> str:
    """Return the workflow of a page, as a person saves it, with commits in place of the word."""
    (text,) = re.findall(r"```yaml\n(name: .*?)```", (PAGES / page).read_text("utf-8"), re.DOTALL)
    return str(text).replace("@COMMIT", f"@{COMMIT}").replace("SERVICE", "ordering")


PREVIEW = workflow("stages.md")
JOBS: dict[str, Any] = yaml.safe_load(PREVIEW)["jobs"]


def saved(folder: Path, text: str) -> Path:
    """Save a workflow where a forge looks for it; an audit reads it there."""
    file = folder / ".github/workflows/pipeline.yml"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return file


@pytest.mark.parametrize("page", ["operations.md", "stages.md"])
def test_an_audit_finds_nothing(page: str, tmp_path: Path) -> None:
    result = audited(saved(tmp_path, workflow(page)))
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("  pull_request:", "  pull_request_target:", "dangerous-triggers"),
        ("persist-credentials: false", "fetch-depth: 1", "artipacked"),
        (f"@{COMMIT} # v6.0.1", "@v6", "unpinned-uses"),
        ("permissions: {}", "permissions: write-all", "excessive-permissions"),
        ('deploy "$STAGE"', 'deploy "${{ github.head_ref }}"', "template-injection"),
    ],
)
def test_an_audit_finds_what_is_planted(tmp_path: Path, old: str, new: str, finding: str) -> None:
    assert old in PREVIEW
    result = audited(saved(tmp_path, PREVIEW.replace(old, new)))
    assert result.returncode != 0
    assert finding in result.stdout + result.stderr


def test_a_preview_is_deployed_until_the_request_is_closed_and_then_removed() -> None:
    conditions = {name: job["if"].split(" && ")[0] for name, job in JOBS.items()}
    assert conditions == {
        "deploy": "github.event.action != 'closed'",
        "remove": "github.event.action == 'closed'",
    }
    assert yaml.safe_load(PREVIEW)[True]["pull_request"]["types"][-1] == "closed"  # `on` is true


def test_forks_never_meet_the_account() -> None:
    own = "github.event.pull_request.head.repo.full_name == github.repository"
    assert all(job["if"].endswith(f" && {own}") for job in JOBS.values())


def script(job: str, name: str) -> str:
    (found,) = (each["run"] for each in JOBS[job]["steps"] if each.get("name") == name)
    return str(found)


class Runner:
    """A machine with a checkout, where `carafe` and `aws` note what they are asked.

    Args:
        tree: the checkout.
        folder: for the commands and what they note.
        failures: how often `carafe deploy` fails at first.
    """

    def __init__(self, tree: Project, folder: Path, failures: int) -> None:
        self._root = tree.root
        self._notes = folder / "notes"
        self._left = folder / "left"
        self._left.write_text("x" * failures)
        self._bin = folder / "bin"
        self._bin.mkdir()
        self._command(self._bin / "aws")
        venv = self._root / ".venv/bin"
        venv.mkdir(parents=True)
        fails = f'[ -s "{self._left}" ] && : > "{self._left}" && exit 1; exit 0\n'
        self._command(venv / "carafe", fails)

    def _command(self, path: Path, end: str = "") -> None:
        path.write_text(f'#!/bin/sh\necho "${{0##*/}} $@" >> "{self._notes}"\n{end}')
        path.chmod(0o755)

    def run(self, script: str) -> list[str]:
        """Run a step as the forge does, and return the commands that were noted."""
        variables = {"STAGE": "preview7", "SETTINGS": '{"MONGO_URI": "x"}', "NETWORK": "{}"}
        path = f"{self._bin}:/usr/bin:/bin"
        memory = str(self._root)
        done = subprocess.run(
            ["/bin/bash", "-e", "-c", script.replace("/dev/shm", memory)],  # noqa: S108 - the page's
            cwd=self._root,
            env={**variables, "PATH": path},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return self._notes.read_text().splitlines() if self._notes.exists() else []


@pytest.fixture
def tree(tmp_path: Path) -> Project:
    """The checkout of a pull request, with the settings of previews as the page has them."""
    tree = small_tree(tmp_path / "tree")
    page = (PAGES / "stages.md").read_text("utf-8")
    (settings,) = json.loads(re.findall(r"```json\n(.*?)```", page, re.DOTALL)[0]).values()
    (tree.root / ".chalice/preview.json").write_text(json.dumps(settings))
    return tree


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is missing, which a runner has")
def test_the_stage_is_added_as_the_page_describes_it(tree: Project, tmp_path: Path) -> None:
    Runner(tree, tmp_path, failures=0).run(script("deploy", "Add the stage"))
    stage = read_stage("preview7", tree)
    assert (stage.stack, stage.is_kept) == ("ordering-preview7", False)


FILL_IN = "aws secretsmanager put-secret-value --secret-id ordering-preview7/settings"


@pytest.mark.parametrize("failures", [0, 1])
def test_the_first_deployment_fills_in_the_settings_and_a_later_one_does_not(
    tree: Project, tmp_path: Path, failures: int
) -> None:
    noted = Runner(tree, tmp_path, failures).run(script("deploy", "Deploy"))
    deployed = "carafe deploy preview7 --yes"
    secret = f"{FILL_IN} --secret-string file://{tree.root}/settings.json"
    assert noted == ([deployed, secret, deployed] if failures else [deployed])
    assert not (tree.root / "settings.json").exists()


def test_it_is_removed_with_its_stack(tree: Project, tmp_path: Path) -> None:
    noted = Runner(tree, tmp_path, failures=0).run(script("remove", "Remove"))
    assert noted == [
        "aws cloudformation delete-stack --stack-name ordering-preview7",
        "aws cloudformation wait stack-delete-complete --stack-name ordering-preview7",
    ]
