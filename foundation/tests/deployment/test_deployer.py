"""Whoever deploys a stage may what that takes, and no more."""

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

import pytest

from carafe.development.deployment.deployer import (
    FILE,
    LARGEST_POLICY,
    deployer_policy,
    unknown_types,
)
from carafe.development.deployment.package import Package
from carafe.development.deployment.stages import read_stage
from carafe.development.project import Project

Template = dict[str, Any]

EVERYWHERE = {
    "apigateway:GET",
    "cloudformation:ListExports",
    "lambda:GetAccountSettings",
    "logs:DescribeLogGroups",
    "secretsmanager:GetRandomPassword",
}
"""What AWS offers no resource for, beside mappings and what the network takes."""


@pytest.fixture
def policy(project: Project, template: Template) -> dict[str, Any]:
    """The policy of who deploys a stage."""
    stage = "prod" if "prod" in template["Description"] else "dev"
    return deployer_policy(template, read_stage(stage, project))


def test_the_rights_for_every_resource_are_known(template: Template) -> None:
    assert unknown_types(template) == []
    template["Resources"]["Table"] = {"Type": "AWS::DynamoDB::Table"}
    assert unknown_types(template) == ["AWS::DynamoDB::Table"]


def test_it_comes_with_the_package(package: Package, policy: dict[str, Any]) -> None:
    assert json.loads((package.folder / FILE).read_text()) == policy


def test_it_fits_into_a_managed_policy(policy: dict[str, Any]) -> None:
    assert len(json.dumps(policy, separators=(",", ":"))) <= LARGEST_POLICY


def _allowed(policy: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for each in policy["Statement"]:
        for action in each["Action"]:
            for resource in each["Resource"]:
                yield action, resource


def test_what_has_a_name_is_named(policy: dict[str, Any]) -> None:
    """So that nobody deploys one service over another."""
    for action, resource in _allowed(policy):
        if resource == "*":
            open_to_all = action.startswith("ec2:") or "EventSourceMapping" in action
            tags = action in {"lambda:ListTags", "lambda:TagResource"}
            assert open_to_all or tags or action in EVERYWHERE, action


@pytest.mark.parametrize(
    ("action", "resource", "is_allowed"),
    [
        ("sqs:CreateQueue", "arn:aws:sqs:eu-central-1:1:ordering-{}-nudges", True),
        ("sqs:CreateQueue", "arn:aws:sqs:eu-central-1:1:lending-nudges", False),
        ("sqs:DeleteQueue", "arn:aws:sqs:eu-central-1:1:ordering-pr7-nudges", False),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:x:1:secret:ordering/x", False),
        ("iam:PassRole", "arn:aws:iam::1:role/ordering-{}-BridgeRole-ABC", True),
        ("iam:PassRole", "arn:aws:iam::1:role/Administrator", False),
        ("lambda:InvokeFunction", "arn:aws:lambda:x:1:function:ordering-{}-migrate", True),
        (
            "secretsmanager:CreateSecret",
            "arn:aws:secretsmanager:x:1:secret:ordering-{}/broker",
            True,
        ),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:x:1:secret:lending/x", False),
        ("cloudformation:ExecuteChangeSet", "arn:aws:cloudformation:x:1:stack/ordering-{}/2", True),
        ("cloudformation:ExecuteChangeSet", "arn:aws:cloudformation:x:1:stack/platform/2", False),
        ("lambda:DeleteFunction", "arn:aws:lambda:x:1:function:ordering-{}", True),
        ("lambda:DeleteFunction", "arn:aws:lambda:x:1:function:ordering-{}0", False),
        ("lambda:DeleteFunction", "arn:aws:lambda:x:1:function:ordering-{}0-bridge", False),
        ("logs:DeleteLogGroup", "arn:aws:logs:x:1:log-group:/aws/lambda/ordering-{}-sweep", True),
        ("logs:DeleteLogGroup", "arn:aws:logs:x:1:log-group:/aws/lambda/ordering-{}0", False),
    ],
)
def test_it_is_for_this_stage(
    template: Template,
    policy: dict[str, Any],
    action: str,
    resource: str,
    is_allowed: bool,
) -> None:
    wanted = resource.format("prod" if "prod" in template["Description"] else "dev")
    found = any(
        fnmatchcase(action, pattern) and fnmatchcase(wanted, place)
        for pattern, place in _allowed(policy)
    )
    assert found == is_allowed
