"""A stage may have a host name of its own, and let pages of other origins call its API."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from carafe.api.cors import ANSWER_HEADERS
from carafe.development.deployment.deployer import deployer_policy
from carafe.development.deployment.errors import PackagingFailed
from carafe.development.deployment.package import TEMPLATE, Package, faults_in
from carafe.development.deployment.stages import Stage, read_stage
from carafe.development.project import Project
from tests.support.stage_templates import packaged, transform, with_stage

from .conftest import small_tree

Template = dict[str, Any]
Plant = Callable[[Template], object]

APP, ADMIN, FOREIGN = "https://app.example.com", "https://admin.example.com", "https://evil.example"
DOMAIN = {
    "name": "api.example.com",
    "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293",
    "hosted_zone_id": "Z0123456789ABC",
}
RESPONSES = "x-amazon-apigateway-gateway-responses"
INTEGRATION = "x-amazon-apigateway-integration"


@pytest.fixture(scope="module")
def tree(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A service whose stage is called by pages, under a name of its own."""
    assert project.app.app_name == project.service.name  # both are loaded, and not from the copy
    folder = tmp_path_factory.mktemp("public")
    tree = small_tree(folder / "project")
    return with_stage(tree, "prod", domain=DOMAIN, allowed_origins=[APP, ADMIN])


@pytest.fixture(scope="module")
def package(tree: Project) -> Package:
    """The package of such a stage."""
    return packaged(tree)


@pytest.fixture
def stage(tree: Project) -> Stage:
    """The stage."""
    return read_stage("prod", tree)


@pytest.fixture(scope="module")
def transformed(package: Package, checking_tools: Path) -> Template:
    """Its template as CloudFormation transforms it; both forms have passed the linter."""
    return transform(package, checking_tools)


def _of_type(template: Template, kind: str) -> Any:  # noqa: ANN401 - a template
    resources = template["Resources"].values()
    (found,) = (each["Properties"] for each in resources if each["Type"] == kind)
    return found


def test_the_api_has_its_name_once_its_stage_is_there(transformed: Template) -> None:
    domain = _of_type(transformed, "AWS::ApiGateway::DomainName")
    assert domain["DomainName"] == DOMAIN["name"]
    assert domain["RegionalCertificateArn"] == DOMAIN["certificate_arn"]
    mapping = _of_type(transformed, "AWS::ApiGateway::BasePathMapping")
    assert mapping["Stage"] == {"Ref": "RestAPIapiStage"}
    records = _of_type(transformed, "AWS::Route53::RecordSetGroup")
    assert records["HostedZoneId"] == DOMAIN["hosted_zone_id"]
    assert transformed["Outputs"]["DomainURL"]["Value"] == "https://api.example.com/"


_OVERRIDDEN = re.compile(r"responseOverride\.header\.[\w-]+")

RENDER = """
import airspeed, json, sys
asked = json.load(sys.stdin)
answers = []
for template, headers in asked:
    headers_sent = {}
    names = {
        "input": {"params": lambda: {"header": headers}},
        "context": {"responseOverride": {"header": headers_sent}},
    }
    airspeed.Template(template).merge(names)
    answers.append(headers_sent)
print(json.dumps(answers))
"""


def _rendered(tools: Path, *asked: tuple[str, dict[str, str]]) -> list[dict[str, str]]:
    """Return the headers that templates in Velocity make of a request's.

    This Velocity has no hyphens in names, where that of API Gateway has them.
    """
    known = [
        (_OVERRIDDEN.sub(lambda name: name[0].replace("-", "_"), template), headers)
        for template, headers in asked
    ]
    done = subprocess.run(
        [sys.executable, "-c", RENDER],
        env={**os.environ, "PYTHONPATH": str(tools)},
        input=json.dumps(known),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [
        {name.replace("_", "-"): value for name, value in each.items()}
        for each in json.loads(done.stdout)
    ]


def test_the_gateway_answers_preflights_as_the_local_one_does(
    transformed: Template, checking_tools: Path
) -> None:
    paths = _of_type(transformed, "AWS::ApiGateway::RestApi")["Body"]["paths"]
    assert all("options" in each for each in paths.values())
    assert not any("security" in each["options"] for each in paths.values())
    (answer,) = paths["/orders"]["options"][INTEGRATION]["responses"].values()
    (template,) = answer["responseTemplates"].values()
    app, admin, foreign, nobody = _rendered(
        checking_tools,
        (template, {"Origin": APP}),
        (template, {"origin": ADMIN}),
        (template, {"Origin": FOREIGN}),
        (template, {}),
    )
    assert (app["Access-Control-Allow-Origin"], admin["Access-Control-Allow-Origin"]) == (
        APP,
        ADMIN,
    )
    assert app["Access-Control-Allow-Methods"] == "GET, HEAD, POST"
    assert "Idempotency-Key" in app["Access-Control-Allow-Headers"].split(", ")
    assert foreign == nobody == {"Vary": "Origin"}


def test_the_gateways_refusals_can_be_read_by_a_page(transformed: Template) -> None:
    body = _of_type(transformed, "AWS::ApiGateway::RestApi")["Body"]
    for response in body[RESPONSES].values():
        parameters = response["responseParameters"]
        allowed = parameters["gatewayresponse.header.Access-Control-Allow-Origin"]
        assert allowed == "method.request.header.Origin"
        exposed = parameters["gatewayresponse.header.Access-Control-Expose-Headers"]
        assert exposed == f"'{', '.join(ANSWER_HEADERS)}'"


def test_without_a_word_about_it_nobody_is_let_in(
    packages: Any,  # noqa: ANN401 - of conftest
) -> None:
    text = (packages["prod"].folder / TEMPLATE).read_text()
    for each in ("Access-Control", "ALLOWED_ORIGINS", '"options"', '"Domain"', "DomainURL"):
        assert each not in text, each


def test_the_template_breaks_no_rule(tree: Project, stage: Stage, template: Template) -> None:
    assert faults_in(template, tree, stage) == []


def _api(template: Template) -> Any:  # noqa: ANN401 - a template
    return template["Resources"]["RestAPI"]["Properties"]


def _answers(template: Template) -> Any:  # noqa: ANN401 - a template
    options = _api(template)["DefinitionBody"]["paths"]["/orders"]["options"]
    return options[INTEGRATION]["responses"]["default"]["responseTemplates"]


def _to_everybody(template: Template) -> None:
    _answers(template)["application/json"] += '#set($x = "*")'


def _to_one_alone(template: Template) -> None:
    answers = _answers(template)
    answers["application/json"] = answers["application/json"].replace(ADMIN, FOREIGN)


def _silent(template: Template) -> None:
    del _api(template)["DefinitionBody"]["paths"]["/orders"]["options"]


def _with_token(template: Template) -> None:
    options = _api(template)["DefinitionBody"]["paths"]["/orders"]["options"]
    options["security"] = [{"authorize": []}]


def _unreadable(template: Template) -> None:
    parameters = _api(template)["DefinitionBody"][RESPONSES]["THROTTLED"]["responseParameters"]
    del parameters["gatewayresponse.header.Access-Control-Allow-Origin"]


def _untold(template: Template) -> None:
    function = template["Resources"]["APIHandler"]["Properties"]
    function["Environment"]["Variables"]["ALLOWED_ORIGINS"] = "*"


def _elsewhere(template: Template) -> None:
    _api(template)["Domain"]["DomainName"] = "dev.example.com"


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (_to_everybody, "RestAPI allows other origins at /orders"),
        (_to_one_alone, "RestAPI allows other origins at /orders"),
        (_silent, "RestAPI does not answer a browser that asks for /orders"),
        (_with_token, "RestAPI asks a browser for a token"),
        (_unreadable, "RestAPI refuses as THROTTLED without saying so to a page"),
        (_untold, "APIHandler is told other origins"),
        (_elsewhere, "RestAPI has another host name than the stage's: api.example.com"),
    ],
)
def test_a_planted_fault_is_found(
    tree: Project, stage: Stage, template: Template, plant: Plant, fault: str
) -> None:
    plant(template)
    faults = faults_in(template, tree, stage)
    assert any(each.startswith(fault) for each in faults), faults


def test_who_deploys_may_name_the_api(template: Template, stage: Stage) -> None:
    policy = deployer_policy(template, stage)
    allowed = {
        (action, resource)
        for each in policy["Statement"]
        for action in each["Action"]
        for resource in each["Resource"]
    }
    assert ("apigateway:POST", "arn:aws:apigateway:*::/domainnames*") in allowed
    assert ("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/*") in allowed


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"allowed_origins": ["*"]}, "allowed_origins in"),
        ({"allowed_origins": []}, "allowed_origins in"),
        ({"allowed_origins": APP}, "allowed_origins in"),
        ({"allowed_origins": [f"{APP}/"]}, "allowed_origins in"),
        ({"allowed_origins": ["http://app.example.com"]}, "allowed_origins in"),
        ({"domain": {"name": "api.example.com"}}, "domain in"),
        ({"domain": {**DOMAIN, "name": "https://api.example.com"}}, "domain in"),
        ({"domain": {**DOMAIN, "certificate_arn": "arn:aws:iam::1:x"}}, "domain in"),
        ({"domain": {**DOMAIN, "zone": "Z1"}}, "domain in"),
        ({"api_gateway_custom_domain": {}}, "api_gateway_custom_domain in .* write domain instead"),
    ],
)
def test_what_cannot_be_is_told(small: Project, settings: dict[str, object], message: str) -> None:
    with pytest.raises(PackagingFailed, match=message) as failure:
        read_stage("prod", with_stage(small, "prod", **settings))
    assert "\n" not in str(failure.value)
