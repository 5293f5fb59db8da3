"""Messages of other services, published in their place to try what this service does."""

import ipaddress
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.contracts.received_commands import ReceivedCommand
from carafe.contracts.validation import MalformedMessage, read
from carafe.development.expected_error import ExpectedError
from carafe.development.servers.external import hosts_of
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.names import exchange_of
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.infrastructure.identifiers import new_id, now
from carafe.infrastructure.outbox.cloud_events import event_attributes

CONFIRM_SECONDS = 5.0


class NotPublished(ExpectedError):
    """A message was not published; the message says why."""


def contract_of(
    wire_type: str, subscribed: Sequence[type[IntegrationEvent]], own: str
) -> type[IntegrationEvent]:
    """Return the contract of a message that another service publishes.

    Args:
        wire_type: of the message.
        subscribed: what comes to the inbox.
        own: the name of this service.

    Raises:
        NotPublished: nothing here handles it, or it is the service's own.
    """
    others = {each.wire_type: each for each in subscribed if each.publisher() != own}
    if wire_type in others:
        return others[wire_type]
    if wire_type in {each.wire_type for each in subscribed}:
        raise NotPublished(
            f"{wire_type} is an event of this service: send a command that causes it."
        )
    known = ", ".join(sorted(others)) or "nothing"
    raise NotPublished(f"nothing here handles {wire_type}; this service receives {known}.")


def data_of(contract: type[IntegrationEvent], text: str) -> Mapping[str, Any]:
    """Return the data of a message, as its contract reads it.

    Raises:
        NotPublished: it is no JSON object, or does not fit the contract.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotPublished(f"--data is not JSON: {error}") from error
    if not isinstance(data, dict):
        raise NotPublished("--data must be a JSON object.")
    try:
        read(contract, data)
    except MalformedMessage as fault:
        raise NotPublished(f"--data does not fit {contract.wire_type}: {fault}") from fault
    return data


def require_local(url: str) -> None:
    """Require a broker on this machine: elsewhere nobody publishes in another's name.

    Raises:
        NotPublished: it is somewhere else.
    """
    if not all(_is_local(each) for each in hosts_of(url).split(",")):
        raise NotPublished(
            "the broker is not on this machine: there each service publishes its own messages."
        )


def _is_local(host: str) -> bool:
    name = host.partition(":")[0]
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"


def publish_as_other(
    url: str,
    contract: type[IntegrationEvent],
    data: Mapping[str, Any],
    *,
    identifier: str | None = None,
    subject: str | None = None,
) -> str:
    """Publish a message to the exchange of the service whose it is.

    Args:
        url: of the broker.
        contract: of the message.
        data: of the message.
        identifier: its id; by default a new one. The same again takes no effect again.
        subject: what it is about; by default its id.

    Returns:
        Its id.

    Raises:
        NotPublished: the broker did not confirm it.
    """
    message_id, source = identifier or new_id(), f"/{contract.publisher()}"
    envelope = {
        **event_attributes(message_id, source, contract.wire_type, subject or message_id, now()),
        "correlationid": new_id(),
        "data": data,
    }
    body = json.dumps(envelope).encode()
    message = Message(message_id, contract.wire_type, routing_key(contract.wire_type), body)
    bus = RabbitMQBus(url, contract.publisher())
    publish = bus.publish_commands if issubclass(contract, ReceivedCommand) else bus.publish
    try:
        outcome = publish([message], time.monotonic() + CONFIRM_SECONDS)[message_id]
    except BusUnavailable as error:
        raise NotPublished(f"the broker cannot be reached: {error}") from error
    finally:
        bus.close()
    if outcome is not Outcome.CONFIRMED:
        raise NotPublished(
            f"the broker did not confirm it ({outcome.value}): does the exchange "
            f"{exchange_of(contract)} exist? `carafe bus declare` creates it."
        )
    return message_id
