"""A service's settings: read from the environment once, with all faults named together.

The types of the fields say what is valid, as in a contract; the environment's variable is the
field's name in capitals. A service adds a setting by a line:

    class Settings(carafe.Settings, frozen=True, kw_only=True):
        weather_url: WebAddress
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta, Struct

from carafe.contracts.first_use import complete

from .setting_types import (
    SERVICE_NAME,
    BrokerAddress,
    InLambda,
    Issuer,
    LocalDefault,
    MongoAddress,
    Origins,
    Port,
    Seconds,
    WebAddress,
    Words,
    faults_of,
    local_defaults,
)

__all__ = [
    "LOCAL_STAGE",
    "SERVICE_NAME",
    "BadSettings",
    "LocalDefault",
    "Port",
    "Seconds",
    "Settings",
    "WebAddress",
    "environment",
    "in_lambda",
]

LOCAL_STAGE = "local"


class BadSettings(Exception):
    """Settings are missing or wrong.

    Args:
        faults: one sentence for each; none holds a value, which may be secret.
    """

    def __init__(self, faults: list[str]) -> None:
        super().__init__(
            "The environment is not right (.env.example explains each setting):\n"
            + "\n".join(f"  - {fault}" for fault in faults)
        )
        self.faults = faults


class Settings(Struct, frozen=True, kw_only=True):
    """What the environment decides.

    Attributes:
        stage: local outside AWS Lambda; inside, what STAGE says.
        port: where the HTTP functions are served on a developer's machine.
        service_name: names the exchange, the queues and the events' source.
        mongo_uri: where the documents are.
        mongo_database: in which database.
        event_bus_type: `rabbitmq`, or `base` for the in-memory bus.
        rabbitmq_url: where the broker is; empty with `base`.
        nudge_queue_url: the SQS queue that triggers the bridge.
        command_queue_url: the SQS queue that triggers `execute`.
        token_issuer: whose access tokens count, exactly as they name it.
        token_audience: how access tokens name this service, one or several, separated by spaces;
            by default by its name.
        token_audience_claim: the claim that names it; `client_id` and `azp` name applications.
        token_scope_claims: the claims that may hold scopes, separated by spaces; the first that a
            token has counts.
        token_scope_prefix: what precedes this service's scopes in tokens.
        token_keys_url: where the issuer's keys are, if on another host; discovery is skipped then.
        sign_in_url: a page on which a person gets an access token; `/docs` links to it.
        allowed_origins: of pages that may call the API from a browser, separated by spaces.
        cursor_secret: seals the cursors of pages; at least 16 characters.
        sweep_grace_seconds: events waiting for less are left to the nudges.
    """

    stage: Annotated[str, InLambda("a name other than local", lambda text: text != LOCAL_STAGE)]
    port: Port = 8000
    service_name: Annotated[str, Meta(pattern=rf"^{SERVICE_NAME}\Z", description=SERVICE_NAME)]
    mongo_uri: MongoAddress
    mongo_database: Annotated[
        str, Meta(pattern=r"^[A-Za-z0-9_-]{1,63}\Z", description="[A-Za-z0-9_-]{1,63}")
    ]
    # In AWS, the in-memory bus would confirm events into nothing.
    event_bus_type: Annotated[
        Literal["rabbitmq", "base"], InLambda("rabbitmq", "rabbitmq".__eq__)
    ] = "rabbitmq"
    rabbitmq_url: BrokerAddress = ""
    nudge_queue_url: WebAddress
    command_queue_url: WebAddress
    token_issuer: Issuer
    token_audience: Words = ""
    token_audience_claim: Literal["aud", "client_id", "azp"] = "aud"  # noqa: S105
    token_scope_claims: Words = "scope scp"  # noqa: S105
    token_scope_prefix: Annotated[
        str,
        Meta(pattern=r"^[!-~]{1,255}\Z", description="1 to 255 printable characters, no spaces"),
    ] = ""
    token_keys_url: Issuer = ""
    sign_in_url: WebAddress = ""
    allowed_origins: Origins = ""
    cursor_secret: Annotated[
        str,
        Meta(pattern=r"^\S{16,}\Z", description="at least 16 characters, no spaces"),
        LocalDefault("local-and-no-secret"),
    ]
    sweep_grace_seconds: Seconds = 10.0

    @property
    def is_local(self) -> bool:
        """Whether the service runs on a developer's machine, not in AWS."""
        return self.stage == LOCAL_STAGE

    @classmethod
    def read(cls, environment: Mapping[str, str], service: str) -> Self:
        """Read and check all settings; an empty value counts as none.

        Args:
            environment: names and values, such as `os.environ`.
            service: names the service and its database where the environment does not.

        Raises:
            BadSettings: names every one that is missing or wrong.
        """
        deployed = in_lambda(environment)
        fields = msgspec.structs.fields(cls)
        defaults = {"service_name": service, "mongo_database": service}
        texts = defaults | ({} if deployed else local_defaults(fields))
        texts |= {
            field.name: text for field in fields if (text := environment.get(field.name.upper()))
        }
        if not deployed:
            texts["stage"] = LOCAL_STAGE
        required = {field.name for field in fields if field.required}
        if texts.get("event_bus_type") == "base":
            texts.pop("rabbitmq_url", None)
        else:
            required.add("rabbitmq_url")
        if texts.get("token_audience_claim", "aud") != "aud":
            required.add("token_audience")  # the service's name is no application's id
        if faults := list(faults_of(fields, texts, required, deployed=deployed)):
            raise BadSettings(faults)
        texts.setdefault("token_audience", texts["service_name"])
        return msgspec.convert(texts, complete(cls), strict=False)


def environment(file: Path) -> Mapping[str, str]:
    """Return the process's environment; outside AWS Lambda, a file fills in what it lacks.

    It is filled in for the whole process, since the clients of AWS read their own settings there.

    Args:
        file: a service's `.env`, which need not exist.
    """
    if not in_lambda(os.environ) and file.exists():
        from dotenv import load_dotenv  # noqa: PLC0415 - not deployed

        load_dotenv(file, interpolate=False)
    return os.environ


def in_lambda(environment: Mapping[str, str]) -> bool:
    """Return whether AWS Lambda's runtime set this environment; it reserves the name."""
    return "AWS_LAMBDA_FUNCTION_NAME" in environment
