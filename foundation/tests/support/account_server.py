"""An AWS account by moto, with what its CloudFormation lacks: the transformation of SAM.

Run with the packages of `carafe/development/deployment/tools.txt` on the import path:
`python -m tests.support.account_server PORT`. Amazon MQ in CloudFormation, rollbacks and event
source mappings are not played.
"""

import json
import os
import re
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

import yaml
from moto.cloudformation import responses
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.mq import urls
from moto.mq.responses import MQResponse

from carafe.development.deployment.transform import transform_template
from tests.support.chalice_deploy import accept_swagger

UNPLAYED = (
    "AWS::AmazonMQ::",
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::Stage",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::Lambda::EventSourceMapping",
    "Custom::",
)

OFFERS = [
    {
        "availabilityZones": [{"name": f"us-east-1{zone}"} for zone in "abc"],
        "engineType": "RABBITMQ",
        "hostInstanceType": f"mq.m7g.{size}",
        "storageType": "EBS",
        "supportedDeploymentModes": ["SINGLE_INSTANCE", "CLUSTER_MULTI_AZ"],
        "supportedEngineVersions": ["3.13", "4.2"],
    }
    for size in ("medium", "large")
]
"""What Amazon MQ offers, in the form of its API."""


def main() -> None:
    """Serve on 127.0.0.1 until the process is ended."""
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    warnings.simplefilter("ignore")
    accept_swagger()
    original = CloudFormationBackend.create_change_set

    @wraps(original)
    def transforming(self: Any, *, template: str, parameters: dict[str, Any], **named: Any) -> Any:  # noqa: ANN401 - moto's own
        for name, value in parameters.items():
            parameters[name] = _text(value)  # moto has split a previous list
        playable = _playable(template, parameters, named["stack_name"])
        return original(self, template=playable, parameters=parameters, **named)

    executing = _with_outputs(CloudFormationBackend.execute_change_set)
    for owner, name, replacement in (
        (CloudFormationBackend, "create_change_set", transforming),
        (CloudFormationBackend, "execute_change_set", executing),
        (Stack, "has_parameters", _has_parameters),  # moto compares with those of the creation
    ):
        setattr(owner, name, replacement)
    _read_templates_by_path()
    _read_json_as_json()
    _offer_brokers()
    server = ThreadedMotoServer("127.0.0.1", int(sys.argv[1]), verbose=False)
    server.start()
    print("listening", flush=True)  # noqa: T201 - read by who started this
    sys.stdin.read()


def _playable(template: str, parameters: dict[str, str], stack: str) -> str:
    """Return a template as moto can play it."""
    content = yaml.safe_load(template)  # JSON as well
    if "Transform" not in content:
        return json.dumps(_without_broker(content))
    code = {name: each["Properties"]["CodeUri"] for name, each in _functions(content).items()}
    transformed = transform_template(content, parameters)
    for name, uri in code.items():
        transformed["Resources"][name]["Properties"]["Code"] = _place(uri)
    for each in transformed["Resources"].values():
        if each["Type"] == "AWS::ApiGateway::RestApi":
            each["Properties"]["Name"] = "api"  # AWS takes the title of the body
        if each["Type"] == "AWS::SQS::Queue":
            tag = {"Key": "aws:cloudformation:stack-name", "Value": stack}
            each["Properties"]["Tags"] = [*each["Properties"].get("Tags", []), tag]
    played = {
        name: each
        for name, each in transformed["Resources"].items()
        if not each["Type"].startswith(UNPLAYED)
    }
    outputs = {"EndpointURL": transformed["Outputs"]["EndpointURL"]}
    return json.dumps(_resolved({**transformed, "Resources": played, "Outputs": outputs}))


def _without_broker(template: dict[str, Any]) -> dict[str, Any]:
    """Return the platform's template without what moto does not play; others stay as they are."""
    unplayed = {
        name for name, each in template["Resources"].items() if each["Type"].startswith(UNPLAYED)
    }
    played = {name: each for name, each in template["Resources"].items() if name not in unplayed}
    for each in played.values():
        if "DependsOn" in each:
            each["DependsOn"] = [name for name in each["DependsOn"] if name not in unplayed]
    return _named({**template, "Resources": played}, unplayed)  # type: ignore[no-any-return]


def _named(value: Any, missing: set[str]) -> Any:  # noqa: ANN401 - any JSON
    """Return a template with texts in place of references to what is missing."""
    match value:
        case {"Fn::GetAtt": [name, "AmqpEndpoints"]} if name in missing:
            found: Any = [f"amqps://{name}.mq.us-east-1.amazonaws.com:5671"]
        case {"Ref": name} | {"Fn::GetAtt": [name, _]} if name in missing:
            found = name
        case str():
            found = re.sub(r"\$\{(\w+)\}", lambda it: it[1] if it[1] in missing else it[0], value)
        case dict():
            found = {key: _named(each, missing) for key, each in value.items()}
        case list():
            found = [_named(each, missing) for each in value]
        case _:
            found = value
    return found


def _place(uri: Any) -> dict[str, str]:  # noqa: ANN401 - a text or an object
    """Return where a function's code is, as CloudFormation names it."""
    if isinstance(uri, str):
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return {"S3Bucket": bucket, "S3Key": key}
    return {"S3Bucket": uri["Bucket"], "S3Key": uri["Key"]}


def _read_templates_by_path() -> None:
    """Let moto find templates where AWS's command says that they are: on a server without names."""
    module: Any = responses
    original = module.get_stack_from_s3_url

    @wraps(original)
    def reading(template_url: str, **named: Any) -> Any:  # noqa: ANN401 - moto's own
        parts = urlsplit(template_url)
        if parts.hostname == "127.0.0.1":
            bucket, _, key = parts.path.lstrip("/").partition("/")
            template_url = f"https://{bucket}.s3.us-east-1.amazonaws.com/{key}"
        return original(template_url, **named)

    module.get_stack_from_s3_url = reading


def _read_json_as_json() -> None:
    """Let templates that are JSON not be read as YAML, by moto: it takes half of its time."""
    original = yaml.load

    @wraps(original)
    def load(stream: Any, *named: Any, **options: Any) -> Any:  # noqa: ANN401 - as the original
        if isinstance(stream, str) and stream.lstrip().startswith("{"):
            with suppress(ValueError):  # a mapping of YAML may begin so as well
                return json.loads(stream)
        return original(stream, *named, **options)

    yaml.load = load


def _offer_brokers() -> None:
    """Let moto say which brokers Amazon MQ offers, as it does in us-east-1; elsewhere none."""
    brokers: Any = MQResponse

    def describe_broker_instance_options(self: Any) -> str:  # noqa: ANN401 - moto's own
        (wanted,) = self.querystring["hostInstanceType"]
        found = [each for each in OFFERS if each["hostInstanceType"] == wanted]
        return json.dumps({"brokerInstanceOptions": found if self.region == "us-east-1" else []})

    brokers.describe_broker_instance_options = describe_broker_instance_options
    urls.url_paths["{0}/v1/broker-instance-options$"] = MQResponse.dispatch


def _with_outputs(original: Callable[..., None]) -> Callable[..., None]:
    """Return what executes a change set, and has its outputs, which moto leaves out."""

    @wraps(original)
    def executing(self: Any, change_set_name: str, stack_name: str | None = None) -> None:  # noqa: ANN401 - moto's own
        original(self, change_set_name, stack_name)
        stack = self.get_stack(stack_name)
        stack._parse_template()  # noqa: SLF001 - moto's own
        stack.output_map = stack._create_output_map()  # noqa: SLF001 - moto's own

    return executing


def _has_parameters(stack: Any, others: dict[str, str]) -> bool:  # noqa: ANN401 - moto's own
    present = stack.stack_parameters
    return all(_text(present.get(name)) == value for name, value in others.items())


def _text(value: Any) -> str:  # noqa: ANN401 - a text or a list of texts
    return ",".join(value) if isinstance(value, list) else str(value)


def _functions(template: dict[str, Any]) -> dict[str, Any]:
    return {
        name: each
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::Serverless::Function"
    }


def _resolved(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """Return a template without imports, for which moto's change sets do not look."""
    if isinstance(value, dict):
        if "Fn::ImportValue" in value:
            return "imported"
        return {key: _resolved(each) for key, each in value.items()}
    return [_resolved(each) for each in value] if isinstance(value, list) else value


if __name__ == "__main__":
    main()
