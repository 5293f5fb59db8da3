"""A stage may say how a new version takes over: its template then leads through an alias."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from carafe.development.deployment.deployer import LARGEST_POLICY, deployer_policy
from carafe.development.deployment.errors import FunctionsUnfit, PackagingFailed
from carafe.development.deployment.package import TEMPLATE, Package, build_package, faults_in
from carafe.development.deployment.stage_settings import ROLLOUTS
from carafe.development.deployment.stages import Stage, read_stage
from carafe.development.project import Project
from carafe.development.remote import hook
from carafe.development.remote.function import run_command
from carafe.domain.model import collection_of
from carafe.infrastructure.container import Container
from carafe.testing.scripted_server import ScriptedServer, respond
from tests.support.places import FOUNDATION, ROOT
from tests.support.stage_templates import packaged, transform, with_hook, with_stage

from .conftest import small_tree

Template = dict[str, Any]
Plant = Callable[[Template], object]

CANARY = "Canary10Percent5Minutes"
LARGEST_NUMBER_OF_ALARMS = 10
"""Of a deployment group. https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html"""

CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_DEFAULT_REGION": "us-east-1",
}
FUNCTIONS = {"APIHandler", "Authorize", "Bridge", "Consume", "Execute", "Sweep"}
"""Those that have an alias: all but `migrate`."""


@pytest.fixture(scope="module")
def package(project: Project, tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The package of such a stage."""
    assert project.app.app_name == project.service.name  # both are loaded, and not from the copy
    folder = tmp_path_factory.mktemp("gradual")
    tree = with_hook(with_stage(small_tree(folder / "project"), "prod", rollout=CANARY))
    return packaged(tree)


@pytest.fixture
def stage(project: Project) -> Stage:
    """The stage."""
    return replace(read_stage("prod", project), rollout=CANARY)


@pytest.fixture(scope="module")
def transformed(package: Package, checking_tools: Path) -> Template:
    """Its template as CloudFormation transforms it; both forms have passed the linter."""
    return transform(package, checking_tools)


def _of_type(template: Template, kind: str) -> dict[str, Any]:
    resources = template["Resources"].items()
    return {name: each["Properties"] for name, each in resources if each["Type"] == kind}


def test_each_function_but_migrate_has_an_alias_that_codedeploy_moves(
    transformed: Template,
) -> None:
    aliases = {
        name.removesuffix("Aliaslive"): each["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        for name, each in transformed["Resources"].items()
        if each["Type"] == "AWS::Lambda::Alias"
    }
    assert aliases.keys() == FUNCTIONS
    for name, policy in aliases.items():
        hook = policy.get("BeforeAllowTrafficHook")
        assert hook == (None if name == "Authorize" else {"Ref": "Migrate"})
        assert "Migrate" in transformed["Resources"][name]["DependsOn"]
    groups = _of_type(transformed, "AWS::CodeDeploy::DeploymentGroup")
    assert len(groups) == len(FUNCTIONS)
    for each in groups.values():
        assert CANARY in json.dumps(each["DeploymentConfigName"])
        assert "DEPLOYMENT_STOP_ON_ALARM" in each["AutoRollbackConfiguration"]["Events"]
        assert 2 <= len(each["AlarmConfiguration"]["Alarms"]) <= LARGEST_NUMBER_OF_ALARMS
        assert each["ServiceRoleArn"] == {"Fn::GetAtt": ["RolloutRole", "Arn"]}


def test_whatever_calls_a_function_calls_its_alias(transformed: Template) -> None:
    mappings = _of_type(transformed, "AWS::Lambda::EventSourceMapping")
    called = [each["FunctionName"]["Ref"] for each in mappings.values()]
    assert sorted(called) == ["BridgeAliaslive", "ConsumeAliaslive", "ExecuteAliaslive"]
    (rule,) = _of_type(transformed, "AWS::Events::Rule").values()
    assert [each["Arn"] for each in rule["Targets"]] == [{"Ref": "SweepAliaslive"}]
    (config,) = _of_type(transformed, "AWS::Lambda::EventInvokeConfig").values()
    assert (config["Qualifier"], config["MaximumRetryAttempts"]) == ("live", 0)
    permissions = _of_type(transformed, "AWS::Lambda::Permission").values()
    allowed = {each["FunctionName"].get("Ref") for each in permissions}
    assert allowed > {"APIHandlerAliaslive", "AuthorizeAliaslive", "SweepAliaslive"}
    body = json.dumps(_of_type(transformed, "AWS::ApiGateway::RestApi")["RestAPI"]["Body"])
    assert "/functions/${APIHandler" not in body
    assert body.count("APIHandlerAliaslive") == body.count("x-amazon-apigateway-integration") > 20
    assert body.count("AuthorizeAliaslive") == 1


def test_the_new_version_is_watched_by_itself(transformed: Template) -> None:
    """A tenth of the traffic would not be seen among the rest."""
    alarm = transformed["Resources"]["BridgeNewVersionFails"]["Properties"]
    dimensions = {each["Name"]: each["Value"] for each in alarm["Dimensions"]}
    (version,) = (
        name
        for name, each in _of_type(transformed, "AWS::Lambda::Version").items()
        if each["FunctionName"] == {"Ref": "Bridge"}
    )
    assert dimensions == {
        "FunctionName": "ordering-prod-bridge",
        "Resource": "ordering-prod-bridge:live",
        "ExecutedVersion": {"Fn::GetAtt": [version, "Version"]},
    }


def test_without_a_word_about_it_there_are_no_versions(
    packages: Any,  # noqa: ANN401 - of conftest
) -> None:
    text = (packages["prod"].folder / TEMPLATE).read_text()
    assert not any(each in text for each in ("AutoPublishAlias", "NewVersionFails", "RolloutRole"))


def test_the_template_breaks_no_rule(project: Project, stage: Stage, template: Template) -> None:
    assert faults_in(template, project, stage) == []


def _properties(template: Template, name: str) -> Any:  # noqa: ANN401 - a template
    return template["Resources"][name]["Properties"]


def _without_alias(template: Template) -> None:
    del _properties(template, "Bridge")["AutoPublishAlias"]


def _at_once(template: Template) -> None:
    _properties(template, "Bridge")["DeploymentPreference"]["Type"] = "AllAtOnce"


def _by_code_alone(template: Template) -> None:
    del _properties(template, "Sweep")["AutoPublishAliasAllProperties"]


def _unprepared(template: Template) -> None:
    del _properties(template, "Execute")["DeploymentPreference"]["Hooks"]


def _in_any_order(template: Template) -> None:
    template["Resources"]["Execute"]["DependsOn"].remove("Migrate")


def _unwatched(template: Template) -> None:
    _properties(template, "Consume")["DeploymentPreference"]["Alarms"] = []


def _watched_by(alarm: str) -> Plant:
    def plant(template: Template) -> None:
        _properties(template, "Consume")["DeploymentPreference"]["Alarms"] = [{"Ref": alarm}]

    return plant


def _fed_past(template: Template) -> None:
    _properties(template, "ConsumeInbox")["FunctionName"] = {"Ref": "Consume"}


def _called_past(template: Template) -> None:
    paths = _properties(template, "RestAPI")["DefinitionBody"]["paths"]
    uri = "arn:…/functions/${APIHandler.Arn}/invocations"
    paths["/health"]["get"]["x-amazon-apigateway-integration"]["uri"] = {"Fn::Sub": uri}


def _not_allowed(template: Template) -> None:
    _properties(template, "APIHandlerInvokePermission")["FunctionName"] = {"Ref": "APIHandler"}


def _authorizer_not_allowed(template: Template) -> None:
    del template["Resources"]["AuthorizeAliasPermission"]


@pytest.mark.parametrize(
    ("plant", "fault"),
    [
        (_without_alias, "Bridge does not take over as the stage says: Canary10Percent5Minutes"),
        (_at_once, "Bridge does not take over as the stage says"),
        (_by_code_alone, "Sweep would keep its old settings"),
        (_unprepared, "Execute would run new code before migrate has prepared"),
        (_in_any_order, "Execute would run new code before migrate has prepared"),
        (_unwatched, "nothing would lead Consume back"),
        (_watched_by("Gone"), "Gone, which is to lead Consume back, is no alarm"),
        (_watched_by("InboxParked"), "Consume could not be deployed while nobody measures what In"),
        (_fed_past, "ConsumeInbox feeds a function past its alias"),
        (_called_past, "RestAPI calls /health past the alias"),
        (_not_allowed, "RestAPI calls /health past the alias, or may not call the alias"),
        (_authorizer_not_allowed, "RestAPI calls authorize past the alias, or may not call"),
    ],
)
def test_a_planted_fault_is_found(
    project: Project, stage: Stage, template: Template, plant: Plant, fault: str
) -> None:
    plant(template)
    faults = faults_in(template, project, stage)
    assert any(each.startswith(fault) for each in faults), faults


def test_a_rollout_that_codedeploy_does_not_know_is_refused(small: Project) -> None:
    for each in ROLLOUTS:
        assert read_stage("prod", with_stage(small, "prod", rollout=each)).rollout == each
    with pytest.raises(PackagingFailed, match=r'rollout in .* such as "Canary10Percent5Minutes"'):
        read_stage("prod", with_stage(small, "prod", rollout="canary 10 % 5 minutes"))


def test_migrate_must_be_allowed_to_answer_and_the_package_says_how(
    small: Project, tmp_path: Path
) -> None:
    gradual = with_stage(small, "prod", rollout=CANARY)
    with pytest.raises(FunctionsUnfit) as failure:
        build_package(gradual, "prod", tmp_path / "package", print)
    (fault,) = failure.value.faults
    assert fault.startswith("migrate may not codedeploy:PutLifecycleEventHookExecutionStatus on")
    statement = json.loads(fault.partition("migrate.json ")[2])
    assert statement["Resource"] == ["arn:aws:codedeploy:*:*:deploymentgroup:ordering-${stage}-*"]


def test_who_deploys_may_move_aliases(template: Template, stage: Stage) -> None:
    policy = deployer_policy(template, stage)
    assert len(json.dumps(policy, separators=(",", ":"))) <= LARGEST_POLICY
    allowed = {
        (action, resource)
        for each in policy["Statement"]
        for action in each["Action"]
        for resource in each["Resource"]
    }
    assert ("lambda:UpdateAlias", "arn:aws:lambda:*:*:function:ordering-prod-*") in allowed
    group = "arn:aws:codedeploy:*:*:deploymentgroup:ordering-prod-*"
    assert ("codedeploy:*Deployment", group) in allowed


def test_each_alarm_stands_in_the_runbook() -> None:
    runbook = (FOUNDATION / "carafe/development/pages/operations.md").read_text()
    assert "`…NewVersionFails`" in runbook


# Before a new version takes traffic

HOOK = {"DeploymentId": "d-ABCDEF123", "LifecycleEventHookExecutionId": "eyJlbmNyeXB0ZWREYXRhIjoi"}


@pytest.fixture
def codedeploy(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A stand-in for CodeDeploy, which is told what became of its question."""
    with ScriptedServer(respond(HOOK)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CODEDEPLOY", server.url)
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
        yield server


def _answers(server: ScriptedServer) -> list[dict[str, str]]:
    return [each.json for each in server.requests]


def test_migrate_prepares_database_and_broker_and_answers_codedeploy(
    codedeploy: ScriptedServer, project: Project, service: Container[Any]
) -> None:
    collection = service.database[collection_of(next(iter(service.service.repositories)))]
    collection.drop_indexes()
    assert run_command(HOOK, project.service)["exit_code"] == 0
    (answer,) = _answers(codedeploy)
    assert answer == {
        "deploymentId": HOOK["DeploymentId"],
        "lifecycleEventHookExecutionId": HOOK["LifecycleEventHookExecutionId"],
        "status": "Succeeded",
    }
    plan = {"command": ["database", "plan"], "by": "maria"}
    assert run_command(plan, project.service)["output"] == "Nothing differs.\n"


def test_what_cannot_be_prepared_keeps_the_version_before(
    codedeploy: ScriptedServer,
    project: Project,
    service: Container[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    del service
    monkeypatch.setattr(hook, "MIGRATIONS", (("database", "nonsense"), ("bus", "declare")))
    assert run_command(HOOK, project.service)["exit_code"] != 0
    assert [each["status"] for each in _answers(codedeploy)] == ["Failed"]
    assert "nonsense" in capsys.readouterr().out


def test_what_nobody_foresaw_is_answered_too(codedeploy: ScriptedServer) -> None:
    """Otherwise CodeDeploy would wait for an hour."""

    def run(_command: object) -> dict[str, Any]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        hook.run_hook(HOOK, run)
    assert [each["status"] for each in _answers(codedeploy)] == ["Failed"]


def test_every_functions_deployment_asks_at_the_same_time(service: Container[Any]) -> None:
    """Five environments of `migrate` apply at once what is missing."""
    collection = service.database[collection_of(next(iter(service.service.repositories)))]
    words = [sys.executable, "-m", "carafe", "database", "apply"]
    for _ in range(3):
        collection.drop_indexes()
        with ThreadPoolExecutor(len(FUNCTIONS)) as pool:
            runs = [
                pool.submit(subprocess.run, words, cwd=ROOT, capture_output=True, text=True)
                for _ in range(len(FUNCTIONS) - 1)
            ]
        results = [each.result() for each in runs]
        assert [each.returncode for each in results] == [0] * len(results), results
