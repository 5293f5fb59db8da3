"""The services that deployed functions use, on local servers: secrets, queues, TLS."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3

from carafe.development.deployment.stages import Stage, secret_settings
from carafe.development.deployment.template import secrets as secret_resources
from carafe.development.deployment.template.naming import queue_resource
from carafe.development.event_sources import queue_triggers
from carafe.development.project import Project
from carafe.development.queues import REGION, declare_queues, sqs_client
from carafe.development.servers.stack import Stack
from carafe.development.servers.tls import HOST, TlsProxies, write_certificate
from carafe.infrastructure.container import Container

from .environment import Function
from .shared_broker import SharedBroker

ISSUER = "https://issuer.example.com"
BROKER_ADDRESS = "BrokerAddress"
"""What services import from whichever platform they use."""

UNREACHABLE_URL = "https://nobody.invalid"
CURSOR_SECRET = "only-for-the-rehearsal"  # noqa: S105 - it protects nothing

Template = Mapping[str, Any]


@dataclass(frozen=True)
class BackingServices:
    """The services that the functions use.

    Attributes:
        service: wired to the same servers without TLS, to check effects.
        sqs: boto3's SQS client.
        queue_urls: the queues' URLs by name.
        broker: admits other services.
        broker_url: with the service's own login, without TLS.
        mongo_port: without TLS.
        tls_proxies: the ports with TLS.
        references: the values of the template's references, by their JSON, and of imports.
        variables: the environment variables that Lambda sets itself.
    """

    service: Container[Any]
    sqs: Any
    queue_urls: Mapping[str, str]
    broker: SharedBroker
    broker_url: str
    mongo_port: int
    tls_proxies: TlsProxies
    references: Mapping[str, str]
    variables: Mapping[str, str]

    def functions(self, template: Template) -> dict[str, Function]:
        """Return the functions of a template in SAM's form, by their names in app.py."""
        functions = {}
        for resource in template["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                properties = resource["Properties"]
                name = properties["Handler"].removeprefix("app.")
                variables = properties["Environment"]["Variables"]
                settings = {each: self._resolve(value) for each, value in variables.items()}
                functions[name] = Function(
                    name=properties["FunctionName"],
                    handler=properties["Handler"],
                    timeout_seconds=properties["Timeout"],
                    variables={**self.variables, **settings},
                    code=Path(properties["CodeUri"]).name,
                )
        return functions

    def _resolve(self, value: object) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, dict) and "Fn::Join" in value:
            separator, parts = value["Fn::Join"]
            return str(separator).join(self._resolve(each) for each in parts)
        if isinstance(value, dict) and "Fn::ImportValue" in value:
            return self.references[value["Fn::ImportValue"].rpartition("-")[2]]
        return self.references[json.dumps(value)]


@contextmanager
def provide_backing_services(
    project: Project,
    stack: Stack,
    folder: Path,
    stage: Stage,
    place: Mapping[str, Any],
) -> Iterator[BackingServices]:
    """Prepare the services for the block, and close what is open afterwards.

    Args:
        project: the service.
        stack: the local servers, started.
        folder: for the certificate.
        stage: what the functions are deployed as.
        place: for which the service asks on the broker.
    """
    broker = SharedBroker(
        stack.environment["RABBITMQ_URL"],
        stack.environment["RABBITMQ_MANAGEMENT_URL"],
        stage.virtual_host,
    )
    addresses = {**stack.environment, "RABBITMQ_URL": broker.admit(place)}
    endpoint = addresses["AWS_ENDPOINT_URL"]
    sqs = sqs_client(endpoint)
    urls = declare_queues(sqs, queue_triggers(project.app))
    trusted = write_certificate(folder)
    others = tuple(stack.others)
    ports = {name: _port(addresses[name]) for name in ("MONGO_URI", "RABBITMQ_URL", *others)}
    ports["AWS_ENDPOINT_URL"] = _port(endpoint)
    with closing(_wired(project, stage, addresses)) as wired, TlsProxies(trusted) as tls_proxies:
        secure = {name: f"{HOST}:{tls_proxies.proxy_port(port)}" for name, port in ports.items()}
        references = {
            json.dumps({"Ref": queue_resource(name)}): _secure(url, secure["AWS_ENDPOINT_URL"])
            for name, url in urls.items()
        }
        secret_values = dict.fromkeys(secret_settings(project.service), UNREACHABLE_URL)
        secret_values |= {name: f"https://{secure[name]}" for name in others}
        references |= _secrets(endpoint, stage, addresses, secure, secret_values)
        yield BackingServices(
            service=wired,
            sqs=sqs,
            queue_urls=urls,
            broker=broker,
            broker_url=addresses["RABBITMQ_URL"],
            mongo_port=ports["MONGO_URI"],
            tls_proxies=tls_proxies,
            references=references,
            variables=_variables(secure["AWS_ENDPOINT_URL"], trusted),
        )


def _wired(project: Project, stage: Stage, addresses: Mapping[str, str]) -> Container[Any]:
    """Return the service on the local servers, under its name in AWS."""
    own = {
        "SERVICE_NAME": stage.service,
        "MONGO_DATABASE": stage.database,
        "NUDGE_QUEUE_URL": UNREACHABLE_URL,
        "COMMAND_QUEUE_URL": UNREACHABLE_URL,
    }
    declared = project.service
    return declared.wired(declared.settings.read({**addresses, **own}, stage.service))


def _variables(endpoint: str, trusted: Path) -> dict[str, str]:
    """Return the variables that Lambda sets itself, and those that lead to local servers."""
    return {
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_ENDPOINT_URL": f"https://{endpoint}",
        "AWS_CA_BUNDLE": str(trusted),
        "SSL_CERT_FILE": str(trusted),
    }


def _secrets(
    endpoint: str,
    stage: Stage,
    addresses: Mapping[str, str],
    secure: Mapping[str, str],
    secret_values: Mapping[str, str],
) -> dict[str, str]:
    """Fill in the secrets, as an operator does at the first deployment."""
    broker = urlsplit(addresses["RABBITMQ_URL"])
    settings = {
        **secret_values,
        "MONGO_URI": f"mongodb://{secure['MONGO_URI']}/?directConnection=true&tls=true",
        "TOKEN_ISSUER": ISSUER,
        "CURSOR_SECRET": CURSOR_SECRET,
    }
    login = {"username": broker.username, "password": broker.password}
    manager = boto3.client(
        "secretsmanager",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # noqa: S106 - moto accepts any
    )
    arns = {}
    for resource, part, values in (
        (secret_resources.SETTINGS, "settings", settings),
        (secret_resources.BROKER_LOGIN, "broker", login),
    ):
        secret = manager.create_secret(Name=stage.secret(part), SecretString=json.dumps(values))
        arns[json.dumps({"Ref": resource})] = secret["ARN"]
    return {**arns, BROKER_ADDRESS: f"amqps://{secure['RABBITMQ_URL']}"}


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None  # noqa: S101 - our own servers all have one
    return port


def _secure(url: str, host: str) -> str:
    return urlsplit(url)._replace(scheme="https", netloc=host).geturl()
