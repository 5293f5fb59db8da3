"""What a stage of `.chalice/config.json` says beside what Chalice reads."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from carafe.development.platform.exports import DEFAULT_NAME

from .errors import PackagingFailed

CONFIG = ".chalice/config.json"

M10_CONNECTIONS = 1_500
"""https://www.mongodb.com/docs/atlas/reference/atlas-limits/"""

ROLLOUTS = (
    "AllAtOnce",
    "Canary10Percent5Minutes",
    "Canary10Percent10Minutes",
    "Canary10Percent15Minutes",
    "Canary10Percent30Minutes",
    "Linear10PercentEvery1Minute",
    "Linear10PercentEvery2Minutes",
    "Linear10PercentEvery3Minutes",
    "Linear10PercentEvery10Minutes",
)
"""How CodeDeploy moves traffic to a new version, by its own names.
https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/automating-updates-to-serverless-apps.html"""

KEPT, DELETED = "Retain", "Delete"
"""CloudFormation's names for what becomes of a resource when its stack is deleted."""

STAGE_NAME = re.compile(r"[A-Za-z0-9]{1,16}")
"""Without hyphen, so that only one service and stage can have a stack's name; short, since Lambda
takes 64 characters for a function's."""

_ORIGIN = re.compile(r"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]+)?")
"""As a browser says where a page is from. `*` is none: whoever asks could read the answers."""

_HOST = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*")
_CERTIFICATE = re.compile(r"arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+")
_ZONE = re.compile(r"[A-Z0-9]{1,32}")

CHALICE_DOMAIN = "api_gateway_custom_domain"
"""Chalice's own setting, whose mapping does not wait for the API that it leads to."""

ORIGINS = '["https://app.example.com"]'
DOMAIN = '{"name": "api.example.com", "certificate_arn": "arn:aws:acm:…:certificate/…"}'

_DATABASE_NAME = re.compile(r"[A-Za-z0-9_-]{1,63}")


@dataclass(frozen=True)
class Domain:
    """A host name of the API's own.

    Attributes:
        name: the host.
        certificate_arn: of its certificate, in the stack's region.
        hosted_zone_id: of the zone in Route 53 that gets a record of it; None for none.
    """

    name: str
    certificate_arn: str
    hosted_zone_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class StageSettings:
    """What the foundation reads of a stage.

    Attributes:
        platform: the name of the platform's stack, whose broker it uses.
        mongodb_connections: how many its MongoDB takes; by default, those of Atlas' M10.
        mongodb_database: the name of its database; empty for that of its stack.
        is_kept: whether what holds messages or secrets survives its stack.
        rollout: one of `ROLLOUTS`; None to replace the code, without versions.
        domain: a host name of its API's own.
        allowed_origins: of pages that may call its API from a browser.
    """

    platform: str = DEFAULT_NAME
    mongodb_connections: int = M10_CONNECTIONS
    mongodb_database: str = ""
    is_kept: bool = True
    rollout: str | None = None
    domain: Domain | None = None
    allowed_origins: tuple[str, ...] = ()


def settings_of(stage: Mapping[str, Any]) -> StageSettings:
    """Return what a stage says.

    Raises:
        PackagingFailed: it says something that is not possible.
    """
    connections = _read(stage, "mongodb_connections", M10_CONNECTIONS, _is_count, "1500")
    database = _read(stage, "mongodb_database", "", _is_database, '"lending-dev"')
    policy = _read(stage, "deletion_policy", KEPT, (KEPT, DELETED).__contains__, f'"{DELETED}"')
    return StageSettings(
        platform=str(stage.get("platform", DEFAULT_NAME)),
        mongodb_connections=connections,
        mongodb_database=database,
        is_kept=policy == KEPT,
        rollout=_read(stage, "rollout", None, ROLLOUTS.__contains__, f'"{ROLLOUTS[1]}"'),
        domain=_domain(stage),
        allowed_origins=tuple(_read(stage, "allowed_origins", (), _are_origins, ORIGINS)),
    )


def _domain(stage: Mapping[str, Any]) -> Domain | None:
    if CHALICE_DOMAIN in stage:
        raise PackagingFailed(
            f"{CHALICE_DOMAIN} in {CONFIG} leads to an API that may not be there yet: write domain "
            f"instead, such as {DOMAIN}"
        )
    value = _read(stage, "domain", None, _is_domain, DOMAIN)
    return None if value is None else Domain(**value)


def require_stage_name(name: str) -> None:
    """Require that a stage's name can be part of the names in AWS.

    Raises:
        PackagingFailed: it cannot.
    """
    if not STAGE_NAME.fullmatch(name):
        raise PackagingFailed(
            f"the stage {name!r} in {CONFIG} must have another name: up to 16 letters and digits, "
            "without hyphen"
        )


def _read(
    stage: Mapping[str, Any],
    name: str,
    default: Any,  # noqa: ANN401 - any JSON
    is_valid: Callable[[Any], bool],
    example: str,
) -> Any:  # noqa: ANN401 - the same
    if name not in stage:
        return default
    if not is_valid(stage[name]):
        raise PackagingFailed(f"{name} in {CONFIG} must be a value such as {example}")
    return stage[name]


def _is_count(value: object) -> bool:
    return isinstance(value, int) and value >= 1


def _are_origins(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(each, str) and _ORIGIN.fullmatch(each) for each in value)
    )


def _is_domain(value: object) -> bool:
    forms = {"name": _HOST, "certificate_arn": _CERTIFICATE, "hosted_zone_id": _ZONE}
    return (
        isinstance(value, dict)
        and {"name", "certificate_arn"} <= value.keys() <= forms.keys()
        and all(isinstance(text, str) for text in value.values())
        and all(forms[each].fullmatch(text) for each, text in value.items())
    )


def _is_database(value: object) -> bool:
    return isinstance(value, str) and _DATABASE_NAME.fullmatch(value) is not None
