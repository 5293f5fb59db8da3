"""How a new version takes over in a stage that says so: by an alias, part by part, with a way back.

SAM publishes a version whenever code or settings change, and CodeDeploy moves the alias to it. What
calls a function calls the alias; `migrate` alone has none, since it prepares what others need.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html
"""

from collections.abc import Iterator

from chalice.app import Chalice

from carafe.development import cloudformation
from carafe.development.cloudformation import Resources, Value
from carafe.development.deployment.stages import Stage
from carafe.development.event_sources import MIGRATE, inbox_triggers

from .naming import (
    API_HANDLER,
    AUTHORIZER,
    INTEGRATION,
    function_name,
    handlers,
    resource_of,
)

ALIAS = "live"
ROLE = "RolloutRole"
AUTHORIZE = "authorize"
"""The function that reads tokens alone, and needs no migration."""

SETTLING = ("bridge", "consume", "execute")
"""The functions that set messages aside."""

_FUNCTIONS = "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions"
_MANAGED = "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited"


def resources(app: Chalice, stage: Stage) -> Resources:
    """Return the additions to functions and to what calls them; none where a stage says nothing."""
    if stage.rollout is None:
        return {}
    by_name: Resources = {ROLE: _role()}
    for function in handlers(app):
        if function != MIGRATE:
            by_name[resource_of(function)] = _gradual(function, stage)
            by_name[failure_alarm(function)] = _alarm(function, stage)
    for trigger in inbox_triggers(app):
        consume = resource_of(trigger.function)
        by_name[f"{consume}Inbox"] = {"Properties": {"FunctionName": alias_of(trigger.function)}}
    if app.routes:
        by_name |= _of_api(app)
    return by_name


def alias_of(function: str) -> Value:
    """Return the ARN of a function's alias."""
    return {"Ref": f"{resource_of(function)}.Alias"}


def failure_alarm(function: str) -> str:
    """Return the name of the alarm of a function's new version."""
    return f"{resource_of(function)}NewVersionFails"


def _gradual(function: str, stage: Stage) -> Resources:
    preference: Resources = {
        "Type": stage.rollout,
        "Role": {"Fn::GetAtt": [ROLE, "Arn"]},
        "Alarms": [{"Ref": each} for each in _alarms(function)],
    }
    if function != AUTHORIZE:
        preference["Hooks"] = {"PreTraffic": {"Ref": resource_of(MIGRATE)}}
    return {
        # Its code is there first, before any alias moves. A linter takes the hook for enough, but
        # that is the alias's, and not the function's, once SAM has transformed it.
        "DependsOn": [resource_of(MIGRATE)],
        "Metadata": {"cfn-lint": {"config": {"ignore_checks": ["W3005"]}}},
        "Properties": {
            "AutoPublishAlias": ALIAS,
            # A changed setting alone would otherwise never reach the alias.
            "AutoPublishAliasAllProperties": True,
            "DeploymentPreference": preference,
        },
    }


def _alarms(function: str) -> Iterator[str]:
    """Yield the alarms that lead back: none of those that fire while nobody measures."""
    yield failure_alarm(function)
    yield f"{resource_of(function)}Fails"
    if function == API_HANDLER:
        yield from ("ApiFails", "ApiSlow")
    if function in SETTLING:
        yield "SomethingParked"


def _alarm(function: str, stage: Stage) -> Resources:
    """Return the alarm of the new version, which Lambda counts while the alias leads to two."""
    name = function_name(function, stage)
    version = {"Fn::GetAtt": [f"{resource_of(function)}.Version", "Version"]}
    dimensions = {"FunctionName": name, "Resource": f"{name}:{ALIAS}", "ExecutedVersion": version}
    properties = {
        "Namespace": "AWS/Lambda",
        "MetricName": "Errors",
        "Dimensions": [{"Name": each, "Value": value} for each, value in dimensions.items()],
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    title, about = failure_alarm(function), f"The new version of {name} fails."
    return cloudformation.alarm(f"{stage.stack}-{title}", title, about, properties)


def _of_api(app: Chalice) -> Resources:
    """Return what leads the API to the aliases of its function and its authorizers."""
    methods = {
        path: {method.lower(): _integration() for method in by_method}
        for path, by_method in app.routes.items()
    }
    authorizers = [each.name for each in app.builtin_auth_handlers]
    definition: Resources = {
        "paths": methods,
        "securityDefinitions": {each: _authorizer(each) for each in authorizers},
    }
    return {
        "RestAPI": {"Properties": {"DefinitionBody": definition}},
        "APIHandlerInvokePermission": {"Properties": {"FunctionName": alias_of(API_HANDLER)}},
        **{f"{resource_of(each)}AliasPermission": _permission(each) for each in authorizers},
    }


def _integration() -> Resources:
    return {INTEGRATION: {"uri": _address(API_HANDLER)}}


def _authorizer(function: str) -> Resources:
    return {AUTHORIZER: {"authorizerUri": _address(function)}}


def _address(function: str) -> Value:
    """Return under which address API Gateway invokes a function's alias."""
    return {"Fn::Sub": [f"{_FUNCTIONS}/${{Alias}}/invocations", {"Alias": alias_of(function)}]}


def _permission(function: str) -> Resources:
    """Return the permission to invoke an authorizer's alias, beside Chalice's for the function.

    Chalice's names the function in a form that cannot be merged into this one.
    """
    source = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${RestAPI}/*"
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "FunctionName": alias_of(function),
            "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": {"Fn::Sub": source},
        },
    }


def _role() -> Resources:
    """Return CodeDeploy's role; AWS' own lets it invoke functions of a certain name alone."""
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "codedeploy.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    invoke = {
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": {"Fn::GetAtt": [resource_of(MIGRATE), "Arn"]},
    }
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
            "ManagedPolicyArns": [{"Fn::Sub": _MANAGED}],
            "Policies": [
                {
                    "PolicyName": "migrate",
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": [invoke]},
                }
            ],
        },
    }
