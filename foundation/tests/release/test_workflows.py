"""Workflows: pinned, with no right too many; what is published is tested and attested."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.places import ROOT
from tests.support.workflow_audit import audited

WORKFLOWS = ROOT / ".github/workflows"
TEXT = (WORKFLOWS / "release.yml").read_text("utf-8")
RELEASE: dict[Any, Any] = yaml.safe_load(TEXT)
JOBS = RELEASE["jobs"]
CHECKS: dict[Any, Any] = yaml.safe_load((WORKFLOWS / "checks.yml").read_text("utf-8"))
PINNED = re.compile(r"uses: [\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def test_an_audit_finds_nothing() -> None:
    result = audited(WORKFLOWS)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("persist-credentials: false", "fetch-depth: 1", "artipacked"),
        (r"@[0-9a-f]{40} # v6.0.1", "@v6", "unpinned-uses"),
        (r"permissions: \{\}", "permissions: write-all", "excessive-permissions"),
        (r'TAG="\$GITHUB_REF_NAME"', 'TAG="${{ github.ref_name }}"', "template-injection"),
        ("steps:", "stepz:", ""),
    ],
)
def test_an_audit_finds_what_is_planted(tmp_path: Path, old: str, new: str, finding: str) -> None:
    planted = re.sub(old, new, TEXT)
    assert planted != TEXT
    (tmp_path / "release.yml").write_text(planted)
    result = audited(tmp_path / "release.yml")
    assert result.returncode != 0
    assert finding in result.stdout + result.stderr


@pytest.mark.parametrize("name", ["release.yml", "checks.yml"])
def test_actions_are_pinned_by_commit_with_their_version(name: str) -> None:
    text = (WORKFLOWS / name).read_text("utf-8")
    steps = [step for job in yaml.safe_load(text)["jobs"].values() for step in job["steps"]]
    uses = [line.strip().removeprefix("- ") for line in text.splitlines() if "uses:" in line]
    assert len(uses) == sum("uses" in step for step in steps) > 0
    assert [line for line in uses if not PINNED.fullmatch(line)] == []


def test_it_runs_for_tags_of_versions_alone() -> None:
    assert RELEASE[True] == {
        "push": {"tags": ["v[0-9]+.[0-9]+.[0-9]+"]}
    }  # YAML reads `on` as a truth


def test_each_job_has_the_rights_it_needs() -> None:
    assert RELEASE["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "test": {"contents": "read"},
        "build": {"contents": "read"},
        "publish": {"id-token": "write"},
        "announce": {"contents": "write"},
    }
    assert "secrets." not in TEXT


def test_what_is_tested_is_built_and_what_is_built_is_published_with_attestations() -> None:
    assert [job.get("needs") for job in JOBS.values()] == [None, "test", "build", "publish"]
    assert [step["run"] for step in JOBS["build"]["steps"] if "run" in step] == [
        'make release TAG="$GITHUB_REF_NAME"'
    ]
    assert JOBS["publish"]["environment"]["name"] == "pypi"
    assert JOBS["publish"]["steps"][-1]["with"] == {
        "packages-dir": "packages/",
        "attestations": True,
    }


def test_checks_may_read_and_nothing_else() -> None:
    assert CHECKS["permissions"] == {}
    assert [job["permissions"] for job in CHECKS["jobs"].values()] == [{"contents": "read"}] * 3


def test_what_takes_long_is_run_every_week_whole() -> None:
    """The same as by `make test-all`, apart from what needs root or is a job of its own."""
    (line,) = re.findall(r"\ntest-all: (.+?) ##", (ROOT / "Makefile").read_text("utf-8"))
    elsewhere = {"test", "test-checkov", "test-clusters", "test-debian"}
    long = CHECKS["jobs"]["long"]
    assert sorted(long["strategy"]["matrix"]["target"]) == sorted(set(line.split()) - elsewhere)
    assert long["if"] == "github.event_name == 'schedule'"
    assert "schedule" in CHECKS[True]
