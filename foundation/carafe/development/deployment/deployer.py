"""The rights of who deploys a stage, derived from what its template creates.

CloudFormation calls AWS with the rights of its caller. `{stack}` is the stack's name, which begins
the names of all that it creates.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from .resources import of_type
from .stages import Stage

LARGEST_POLICY = 6_144
"""Characters of a managed policy, without spaces.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html"""

FILE = "deployer.json"

Rights = tuple[tuple[str, ...], str]
"""Actions, and the resource for them."""

_LAMBDA = (
    "lambda:AddPermission lambda:CreateFunction lambda:DeleteFunction lambda:GetFunction* "
    "lambda:GetPolicy lambda:InvokeFunction lambda:ListTags lambda:ListVersionsByFunction "
    "lambda:PutFunctionConcurrency lambda:DeleteFunctionConcurrency lambda:PutFunctionEvent* "
    "lambda:DeleteFunctionEvent* lambda:RemovePermission lambda:TagResource "
    "lambda:UntagResource lambda:UpdateFunction*"
)
_MAPPINGS = (
    "lambda:CreateEventSourceMapping lambda:DeleteEventSourceMapping "
    "lambda:GetEventSourceMapping lambda:ListTags lambda:TagResource "
    "lambda:UpdateEventSourceMapping"
)
_RULES = (
    "events:DeleteRule events:DescribeRule events:ListTagsForResource events:PutRule "
    "events:PutTargets events:RemoveTargets events:TagResource"
)
_ROLES = (
    "iam:AttachRolePolicy iam:CreateRole iam:DeleteRole iam:DeleteRolePolicy "
    "iam:DetachRolePolicy iam:GetRole iam:GetRolePolicy iam:ListAttachedRolePolicies "
    "iam:ListRolePolicies iam:PassRole iam:PutRolePolicy iam:TagRole iam:UntagRole"
)
_API = "apigateway:DELETE apigateway:GET apigateway:PATCH apigateway:POST apigateway:PUT"
_QUEUES = (
    "sqs:CreateQueue sqs:DeleteQueue sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ListQueueTags "
    "sqs:SetQueueAttributes sqs:TagQueue sqs:UntagQueue"
)
_SECRETS = (
    "secretsmanager:CreateSecret secretsmanager:DeleteSecret secretsmanager:DescribeSecret "
    "secretsmanager:GetSecretValue secretsmanager:PutSecretValue secretsmanager:TagResource "
    "secretsmanager:UpdateSecret"
)
_LOGS = (
    "logs:CreateLogGroup logs:DeleteLogGroup logs:DeleteRetentionPolicy "
    "logs:ListTagsForResource logs:PutRetentionPolicy logs:TagResource"
)
_ALARMS = (
    "cloudwatch:DeleteAlarms cloudwatch:DescribeAlarms cloudwatch:ListTagsForResource "
    "cloudwatch:PutMetricAlarm cloudwatch:TagResource"
)
_DASHBOARDS = (
    "cloudwatch:DeleteDashboards cloudwatch:GetDashboard cloudwatch:PutDashboard "
    "cloudwatch:TagResource"
)
_TOPICS = (
    "sns:CreateTopic sns:DeleteTopic sns:GetTopicAttributes sns:ListSubscriptionsByTopic "
    "sns:ListTagsForResource sns:SetTopicAttributes sns:Subscribe sns:TagResource sns:Unsubscribe"
)
_GROUPS = (
    "ec2:AuthorizeSecurityGroup* ec2:CreateSecurityGroup ec2:CreateTags ec2:DeleteSecurityGroup "
    "ec2:DescribeNetworkInterfaces ec2:DescribeSecurityGroup* ec2:RevokeSecurityGroup*"
)


_CODEDEPLOY = (
    "codedeploy:*Application codedeploy:*ApplicationRevision codedeploy:*Deployment "
    "codedeploy:*DeploymentGroup codedeploy:ListTagsForResource codedeploy:*TagResource"
)
_OWN_FUNCTIONS = tuple(f"arn:aws:lambda:*:*:function:{{stack}}{each}" for each in ("", "-*", ":*"))
"""The API's, all others, and the versions of the API's; `{stack}*` would name a stage pr70 too."""

_OWN_LOGS = tuple(f"arn:aws:logs:*:*:log-group:/aws/*/{{stack}}{each}" for each in ("", "-*", ":*"))


def _rights(actions: str, *resources: str) -> list[Rights]:
    return [(tuple(actions.split()), each) for each in resources]


_FUNCTIONS = [
    *_rights(_LAMBDA, *_OWN_FUNCTIONS),
    *_rights(_MAPPINGS, "*"),
    *_rights(_RULES, "arn:aws:events:*:*:rule/{stack}-*"),
    *_rights(_ROLES, "arn:aws:iam::*:role/{stack}-*"),
    *_rights("ec2:DescribeSubnets ec2:DescribeVpcs", "*"),
]
_OF_TOPICS = _rights(_TOPICS, "arn:aws:sns:*:*:{stack}-*")
_OF_GROUPS = _rights(_GROUPS, "*")

ROLLOUT = [
    *_rights(
        "lambda:CreateAlias lambda:DeleteAlias lambda:GetAlias lambda:ListAliases "
        "lambda:GetProvisionedConcurrencyConfig lambda:PublishVersion lambda:UpdateAlias",
        *_OWN_FUNCTIONS,
    ),
    *_rights(
        _CODEDEPLOY,
        "arn:aws:codedeploy:*:*:application:{stack}-*",
        "arn:aws:codedeploy:*:*:deploymentgroup:{stack}-*",
    ),
    *_rights("codedeploy:GetDeploymentConfig", "arn:aws:codedeploy:*:*:deploymentconfig:*"),
]
"""What versions and aliases take: SAM makes them of functions."""

DOMAIN = [
    *_rights(_API, "arn:aws:apigateway:*::/domainnames*"),
    *_rights(
        "route53:ChangeResourceRecordSets route53:GetHostedZone route53:ListResourceRecordSets",
        "arn:aws:route53:::hostedzone/*",
    ),
    *_rights("route53:GetChange", "arn:aws:route53:::change/*"),
]
"""What a host name of the API's own takes: SAM makes it of the API."""

RIGHTS: Mapping[str, list[Rights]] = {
    "AWS::ApiGateway::Account": _rights(_API, "arn:aws:apigateway:*::/account"),
    "AWS::CloudWatch::Alarm": _rights(_ALARMS, "arn:aws:cloudwatch:*:*:alarm:{stack}-*"),
    "AWS::CloudWatch::Dashboard": _rights(_DASHBOARDS, "arn:aws:cloudwatch::*:dashboard/{stack}"),
    "AWS::EC2::SecurityGroup": _OF_GROUPS,
    "AWS::EC2::SecurityGroupIngress": _OF_GROUPS,
    "AWS::IAM::Role": _rights(_ROLES, "arn:aws:iam::*:role/{stack}-*"),
    "AWS::Lambda::EventSourceMapping": _rights(_MAPPINGS, "*"),
    "AWS::Lambda::Permission": _rights(_LAMBDA, *_OWN_FUNCTIONS),
    "AWS::Logs::LogGroup": [
        *_rights(_LOGS, *_OWN_LOGS),
        *_rights("logs:DescribeLogGroups", "*"),
    ],
    "AWS::SNS::Subscription": _OF_TOPICS,
    "AWS::SNS::Topic": _OF_TOPICS,
    "AWS::SQS::Queue": _rights(_QUEUES, "arn:aws:sqs:*:*:{stack}-*"),
    "AWS::SQS::QueuePolicy": _rights(_QUEUES, "arn:aws:sqs:*:*:{stack}-*"),
    "AWS::SecretsManager::Secret": [
        *_rights(_SECRETS, "arn:aws:secretsmanager:*:*:secret:{stack}/*"),
        *_rights("secretsmanager:GetRandomPassword", "*"),
    ],
    "AWS::Serverless::Api": _rights(
        _API, "arn:aws:apigateway:*::/restapis*", "arn:aws:apigateway:*::/tags/*"
    ),
    "AWS::Serverless::Function": _FUNCTIONS,
    "Custom::BrokerAccess": _rights(
        "lambda:InvokeFunction", "arn:aws:lambda:*:*:function:*-access"
    ),
}
"""What it takes to create, change and delete a resource of each type."""

ALWAYS: list[Rights] = [
    *_rights(
        "cloudformation:*ChangeSet cloudformation:ContinueUpdateRollback "
        "cloudformation:DeleteStack cloudformation:DescribeStack* "
        "cloudformation:GetTemplateSummary cloudformation:TagResource",
        "arn:aws:cloudformation:*:*:stack/{stack}/*",
    ),
    *_rights(
        "cloudformation:CreateChangeSet",
        "arn:aws:cloudformation:*:aws:transform/Serverless-2016-10-31",
    ),
    *_rights("cloudformation:ListExports lambda:GetAccountSettings apigateway:GET", "*"),
    *_rights(
        "s3:CreateBucket s3:GetObject s3:ListBucket s3:PutObject",
        "arn:aws:s3:::carafe-*",
    ),
]
"""What the steps around the stack take; another bucket has to be named here."""


def deployer_policy(template: Mapping[str, Any], stage: Stage) -> dict[str, Any]:
    """Return the policy that whoever deploys a template needs, and no more.

    Args:
        template: in SAM's form.
        stage: what it is of.
    """
    actions: dict[str, set[str]] = {}
    for allowed, resource in _all_rights(template):
        actions.setdefault(resource.format(stack=stage.stack), set()).update(allowed)
    resources: dict[tuple[str, ...], list[str]] = {}
    for each in sorted(actions):
        resources.setdefault(tuple(sorted(actions[each])), []).append(each)
    statements = [
        {"Effect": "Allow", "Action": [*allowed], "Resource": named}
        for allowed, named in resources.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def unknown_types(template: Mapping[str, Any]) -> list[str]:
    """Return the types of a template's resources whose rights are not known here."""
    return sorted({each["Type"] for each in template["Resources"].values()} - RIGHTS.keys())


def _all_rights(template: Mapping[str, Any]) -> Iterator[Rights]:
    yield from ALWAYS
    for kind in sorted({each["Type"] for each in template["Resources"].values()}):
        yield from RIGHTS.get(kind, ())
    if any("Domain" in each.get("Properties", {}) for each in template["Resources"].values()):
        yield from DOMAIN
    functions = of_type(template["Resources"], "AWS::Serverless::Function")
    if any("AutoPublishAlias" in properties for _, properties in functions):
        yield from ROLLOUT
