"""Every template as checkov sees it: what it names is mended, or excepted with a reason.

Its packages are large, so this runs by `make test-checkov` alone (WHOLE=1).
"""

import json
import os
import tomllib
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from carafe.development.deployment import tools
from carafe.development.deployment.package import TEMPLATE, Package
from carafe.development.platform import network
from carafe.development.platform import template as platform
from carafe.development.project import Project
from tests.support.stage_templates import packaged, run_tool, transform, with_hook, with_stage

from .conftest import small_tree

HERE = Path(__file__).parent
EXCEPTIONS: Mapping[str, Mapping[str, Any]] = tomllib.loads((HERE / "checkov.toml").read_text())
FULL: Mapping[str, object] = {
    "domain": {
        "name": "api.example.com",
        "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6071",
        "hosted_zone_id": "Z0123456789ABC",
    },
    "allowed_origins": ["https://app.example.com"],
    "rollout": "Canary10Percent5Minutes",
}
PREVIEW: Mapping[str, object] = {"deletion_policy": "Delete", "log_retention_in_days": 1}
FEWEST_CHECKS = 100

Finding = tuple[str, str]
"""A check's id, and the name of a resource."""

pytestmark = pytest.mark.skipif("WHOLE" not in os.environ, reason="WHOLE=1: 270 MB of packages")


class Checkov:
    """checkov in a process of its own.

    Args:
        packages: the folder of its packages.
    """

    def __init__(self, packages: Path) -> None:
        self._packages = packages
        self.passed = 0

    def findings(self, folder: Path) -> set[Finding]:
        """Return what it names in the templates of a folder; `passed` counts what is right."""
        # By short names: it takes parts of a path for keys if they have the length of one.
        files = [word for each in folder.glob("*.json") for word in ("--file", each.name)]
        options = ["--framework", "cloudformation", "--skip-download", "--soft-fail"]
        command = ["-m", "checkov.main", *files, *options, "--quiet", "--output", "json"]
        report = json.loads(run_tool(self._packages, *command, folder=folder))
        assert report["summary"]["parsing_errors"] == 0, report
        self.passed = report["summary"]["passed"]
        return {
            (each["check_id"], each["resource"].rpartition(".")[2])
            for each in report["results"]["failed_checks"]
        }


@pytest.fixture(scope="module")
def checkov() -> Checkov:
    """The tool, installed when it is first needed."""
    return Checkov(tools.folder_of(HERE / "checkov.txt", print))


@pytest.fixture(scope="module")
def other_stages(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Package]:
    """A stage with all that a stage may have, and a preview."""
    assert project.app.app_name == project.service.name  # both are loaded, and not from the copy
    made = {}
    for name, settings in {"full": FULL, "preview": PREVIEW}.items():
        folder = tmp_path_factory.mktemp(name)
        tree = with_hook(small_tree(folder / "project"))
        made[name] = packaged(with_stage(tree, "prod", **settings))
    return made


@pytest.fixture(scope="module")
def templates(
    packages: Mapping[str, Package],
    other_stages: Mapping[str, Package],
    checking_tools: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """All templates: of stages in both forms, of the platform, and of the example network."""
    folder = tmp_path_factory.mktemp("templates")
    shared = {"platform": platform.template(), "network": network.template()}
    for name, content in shared.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    for name, package in {**packages, **other_stages}.items():
        transformed = transform(package, checking_tools)
        (folder / f"{name}.json").write_text((package.folder / TEMPLATE).read_text())
        (folder / f"{name}-after.json").write_text(json.dumps(transformed))
    return folder


@pytest.fixture(scope="module")
def findings(checkov: Checkov, templates: Path) -> set[Finding]:
    """What it names in all templates."""
    found = checkov.findings(templates)
    assert checkov.passed > FEWEST_CHECKS  # it has read them
    return found


def _is_excepted(finding: Finding) -> bool:
    check, resource = finding
    return any(fnmatchcase(resource, each) for each in _patterns(check))


def _patterns(check: str) -> list[str]:
    return [*EXCEPTIONS.get(check, {}).get("resources", ())]


def test_what_it_names_is_mended_or_excepted(findings: set[Finding]) -> None:
    assert sorted(each for each in findings if not _is_excepted(each)) == []


@pytest.mark.parametrize("check", EXCEPTIONS)
def test_an_exception_has_its_reason_and_is_still_one(findings: set[Finding], check: str) -> None:
    assert EXCEPTIONS[check]["reason"].strip().endswith(".")
    named = {resource for found, resource in findings if found == check}
    idle = [each for each in _patterns(check) if not any(fnmatchcase(name, each) for name in named)]
    assert idle == []


def _open_to_everybody(template: dict[str, Any]) -> None:
    everybody = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}
    group = template["Resources"]["BrokerSecurityGroup"]["Properties"]
    group["SecurityGroupIngress"] = [{**everybody, "Description": "Everybody"}]


def _public_broker(template: dict[str, Any]) -> None:
    template["Resources"]["Broker"]["Properties"]["PubliclyAccessible"] = True


def _any_action(template: dict[str, Any]) -> None:
    (policy,) = template["Resources"]["AccessRole"]["Properties"]["Policies"]
    policy["PolicyDocument"]["Statement"][0]["Action"] = "*"


@pytest.mark.parametrize(
    ("plant", "resource"),
    [
        (_open_to_everybody, "BrokerSecurityGroup"),
        (_public_broker, "Broker"),
        (_any_action, "AccessRole"),
    ],
)
def test_a_planted_fault_is_named(
    checkov: Checkov,
    tmp_path: Path,
    plant: Callable[[dict[str, Any]], None],
    resource: str,
) -> None:
    content = platform.template()
    plant(content)
    (tmp_path / "platform.json").write_text(json.dumps(content))
    assert resource in {name for check, name in checkov.findings(tmp_path) if not _patterns(check)}
