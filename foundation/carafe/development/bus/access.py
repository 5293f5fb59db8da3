"""`carafe bus grant` and `carafe bus rotate`: the service's own user on a broker that it shares."""

import json
import os
from collections.abc import Mapping
from typing import Any

import click

from carafe.contracts.addresses import login_of, virtual_host_of
from carafe.development.audit import audit
from carafe.development.broker.management import usual_url
from carafe.development.platform.access import grant as grant_access
from carafe.development.platform.access import rights_of
from carafe.development.platform.administration import AccessFailed, Administration, Login
from carafe.development.platform.listeners import allow_listener, rights_of_listener
from carafe.development.platform.place import place_of
from carafe.development.project import container, project

from .broker import broker_service
from .topology import topology_on_broker

ADMINISTRATOR = "RABBITMQ_ADMINISTRATOR"
"""The environment's variable with the administrator's login, user:password."""

LISTENER = "RABBITMQ_LISTENER"
"""The environment's variable with the login of a program that listens, user:password."""

ANSWER_SECONDS = 130
"""How long the platform's function may take, and a little more."""


@click.command()
@click.option(
    "--listener", is_flag=True, help="To the user in RABBITMQ_LISTENER, who may only listen."
)
@click.option("--dry-run", is_flag=True, help="Only show what the user may do.")
def grant(*, listener: bool, dry_run: bool) -> None:
    """Give the user in RABBITMQ_URL a place on the broker, as an administrator.

    It may write to the service's own exchanges and queues, and read from them and from those of
    other services whose messages it handles. What is missing is created. On AWS the platform does
    this when a service's stack is deployed.

    With --listener, the user in RABBITMQ_LISTENER, such as billing:PASSWORD, may read the service's
    events into queues that begin with its own name, such as billing.loans, and publish nothing.

    RABBITMQ_ADMINISTRATOR holds the administrator's login, as user:password.

    \b
    Example:
        carafe bus grant --dry-run
        carafe bus grant --listener
    """
    service = broker_service()
    if listener:
        _grant_listener(service, dry_run=dry_run)
    else:
        _grant_service(service, dry_run=dry_run)
    if dry_run:
        click.echo("Nothing was changed.")


def _grant_service(service: str, *, dry_run: bool) -> None:
    place = place_of(service, topology_on_broker(service))
    url = container().settings.rabbitmq_url
    login = Login(*login_of(url))
    if not dry_run:
        grant_access(_administration(url), place, login)
        audit("grant", user=login.username, service=service)
    _tell(login, rights_of(place))


def _grant_listener(service: str, *, dry_run: bool) -> None:
    """Let a program that is no service listen to this one.

    Raises:
        AccessFailed: its login is missing, or it cannot be let.
    """
    login = _login_in(LISTENER, "the program that listens")
    rights = rights_of_listener(login.username, [service])
    if not dry_run:
        broker = _administration(container().settings.rabbitmq_url)
        rights = allow_listener(broker, service, login)
        audit("grant", user=login.username, listens_to=service)
    _tell(login, rights)


def _tell(login: Login, rights: Mapping[str, str]) -> None:
    for right, pattern in rights.items():
        click.echo(f"{login.username} may {right:<9}  {pattern}")


@click.command()
@click.option("--stage", required=True, help="Of .chalice/config.json: dev or prod.")
@click.option("--end", is_flag=True, help="Delete the login before, which nobody uses any more.")
def rotate(stage: str, *, end: bool) -> None:
    """Give a stage on AWS a new login for the broker; with --end, delete the one before.

    The service has two users, which take turns: both logins are good in between, so that nothing
    fails. Then switch the mapping of consume off and on, which reads the new one. A login that
    somebody still uses is not deleted.

    \b
    Example:
        carafe bus rotate --stage prod
        carafe bus rotate --stage prod --end
    """
    # Imported here: where the other commands of this group run on a stage, this is not.
    from carafe.development.deployment.stages import read_stage  # noqa: PLC0415

    found = read_stage(stage, project())
    secret = found.secret("broker")
    action = "retire" if end else "rotate"
    answer = _invoke(f"{found.platform}-access", {"action": action, "secret": secret})
    audit(action, secret=secret, **answer)
    if end:
        click.echo(f"{answer['retired']} is deleted; {answer['login']} is the login.")
        return
    click.echo(
        f"{answer['login']} is the login now; {answer['previous']} is still good.\n"
        f"Switch the mapping of consume off and on, then `carafe bus rotate --stage {stage} --end`."
    )


def _administration(broker_url: str) -> Administration:
    """Return the management API, for the administrator.

    Raises:
        AccessFailed: there is no login of an administrator.
    """
    login = _login_in(ADMINISTRATOR, "an administrator")
    url = os.environ.get("RABBITMQ_MANAGEMENT_URL") or usual_url(broker_url)
    return Administration(url, login, virtual_host_of(broker_url))


def _login_in(variable: str, whose: str) -> Login:
    """Return the login in a variable of the environment.

    Raises:
        AccessFailed: there is none.
    """
    user, _, password = os.environ.get(variable, "").partition(":")
    if not (user and password):
        raise AccessFailed(f"set {variable} to the login of {whose}, user:password")
    return Login(user, password)


def _invoke(function: str, request: dict[str, str]) -> dict[str, Any]:
    """Invoke the platform's function, and return what it answers.

    Raises:
        AccessFailed: it cannot be invoked, or refuses.
    """
    # Imported here: the functions that run the other commands of this group have no SDK.
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    from carafe.development.sdk_errors import SDK_ERRORS  # noqa: PLC0415

    config = Config(read_timeout=ANSWER_SECONDS, retries={"total_max_attempts": 1})
    try:
        client = boto3.client("lambda", config=config)
        answer = client.invoke(FunctionName=function, Payload=json.dumps(request).encode())
    except SDK_ERRORS as error:
        raise AccessFailed(f"{function} cannot be invoked ({type(error).__name__})") from None
    result: dict[str, Any] = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise AccessFailed(result.get("errorMessage", f"{function} failed"))
    return result
