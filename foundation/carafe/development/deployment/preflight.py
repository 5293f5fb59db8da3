"""Checks whether an AWS account can take a stage, before CloudFormation starts."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError
from chalice.app import Chalice
from msgspec import Struct

from carafe.development.event_sources import queue_triggers
from carafe.infrastructure.cqrs.sqs_command_queue import dead_letters

from .account import DENIED, account_number, client, code_of, explained_refusals
from .database_check import faults_of_database
from .errors import NotAccepted
from .network import faults_of_network
from .platform_check import faults_of_platform
from .quotas import notes_on_quotas
from .request_log import notes_on_request_log
from .stack import ROLLED_BACK, STARTABLE, Stack
from .stages import Stage

STACK_TAG = "aws:cloudformation:stack-name"


class Account(Struct, frozen=True):
    """An account that takes a stage.

    Attributes:
        number: its number.
        notes: what a person should know, one sentence for each.
    """

    number: str
    notes: list[str]


def check_account(app: Chalice, stage: Stage, parameters: Mapping[str, str]) -> Account:
    """Return the account if a stack of this stage can be created or changed there.

    Args:
        app: the functions.
        stage: what is deployed.
        parameters: of the template, as far as they are given.

    Raises:
        NotAccepted: there are no credentials, AWS does not answer, names are in use, the
            network is not right, the platform is missing, or it would get another database.
    """
    name = stage.stack
    with explained_refusals():
        number = account_number()
        notes: list[str] = []
        exists = Stack(name).status not in {*STARTABLE, ROLLED_BACK}
        faults = [
            *_taken(_names_in_use(app, stage), name, number, exists=exists),
            *looked_at("the subnets", lambda: faults_of_network(parameters), notes),
            *looked_at("the functions", lambda: faults_of_database(stage), notes),
            *looked_at("the platform", lambda: faults_of_platform(stage.platform), notes),
        ]
        notes += looked_at("the quota of functions", notes_on_quotas, notes)
        notes += looked_at("the role for logs of API Gateway", notes_on_request_log, notes)
    if faults:
        raise NotAccepted("; ".join(faults))
    return Account(number, notes)


def looked_at(what: str, look: Callable[[], Iterable[str]], notes: list[str]) -> list[str]:
    """Return what a look found; if it is not allowed, note that.

    Args:
        what: at which it looks, for the note.
        look: looks, and yields one sentence for each fault.
        notes: to which the note is added.
    """
    try:
        return list(look())
    except ClientError as error:
        if code_of(error) not in DENIED:
            raise
        notes.append(f"you may not look at {what} ({error.operation_name}), so they are unchecked")
        return []


def _taken(
    names: Iterable[tuple[str, str | None]], stack: str, account: str, *, exists: bool
) -> Iterator[str]:
    """Yield what stands in the way of a stack.

    Args:
        names: what is there, each with the name of the stack that made it.
        stack: the stack.
        account: the account's number.
        exists: whether the stack is there, so that what it made is its own.
    """
    found = list(names)
    foreign = [name for name, owner in found if owner != stack]
    kept = [name for name, owner in found if owner == stack and not exists]
    if foreign:
        yield f"{', '.join(foreign)}: taken in account {account} by another stack"
    if kept:
        yield (
            f"{', '.join(kept)}: kept when an earlier stack {stack} was deleted, and in the way of "
            "a new one: look whether anybody needs what is in them, then delete them "
            "(`carafe page operations`)"
        )


def _names_in_use(app: Chalice, stage: Stage) -> Iterator[tuple[str, str | None]]:
    yield from _queues_in_use(app, stage)
    yield from _secrets_in_use(stage)


def _queues_in_use(app: Chalice, stage: Stage) -> Iterator[tuple[str, str | None]]:
    sqs = client("sqs")
    for trigger in queue_triggers(app):
        name = stage.queue(trigger.queue)
        for queue in (name, dead_letters(name)):
            try:
                url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
            except sqs.exceptions.QueueDoesNotExist:
                continue
            yield f"queue {queue}", sqs.list_queue_tags(QueueUrl=url).get("Tags", {}).get(STACK_TAG)


def _secrets_in_use(stage: Stage) -> Iterator[tuple[str, str | None]]:
    manager = client("secretsmanager")
    for name in ("settings", "broker"):
        secret = stage.secret(name)
        try:
            described = manager.describe_secret(SecretId=secret)
        except manager.exceptions.ResourceNotFoundException:
            continue
        yield _secret_in_use(secret, described)


def _secret_in_use(secret: str, described: Mapping[str, Any]) -> tuple[str, str | None]:
    tags = {each["Key"]: each["Value"] for each in described.get("Tags", [])}
    is_going = "DeletedDate" in described
    name = f"secret {secret}{', to be deleted later,' if is_going else ''}"
    return name, tags.get(STACK_TAG)
