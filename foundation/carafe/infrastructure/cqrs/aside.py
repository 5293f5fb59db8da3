"""Messages that are put aside: held back, postponed or parked.

They are carried on with what their publishers put around them. If the broker refuses that, only
the body and this service's own notes are carried, so that no message can hold up its neighbours.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.foreign_headers import (
    bare_headers,
    carried_headers,
    short_string,
)
from carafe.infrastructure.event_bus.port import EventBus, Message, Outcome
from carafe.infrastructure.identifiers import new_id

from .delivery import Delivery

log = logging.getLogger(__name__)

UNKNOWN_CONTENT = "application/octet-stream"


class AsideMessage(Struct, frozen=True):
    """A message to put aside.

    Attributes:
        whole: with its headers and properties, as far as they fit.
        bare: with its body and the notes alone.
    """

    whole: Message
    bare: Message


def aside_message(delivery: Delivery, queue: str, notes: Mapping[str, Any]) -> AsideMessage:
    """Return a delivery as a message for one of the inbox's queues.

    Args:
        delivery: as it was received.
        queue: its name.
        notes: the service's own headers.
    """
    identifier = short_string(delivery.message_id) or new_id()
    whole = Message(
        id=identifier,
        type=short_string(delivery.type),
        routing_key=queue,
        body=delivery.body,
        headers=carried_headers(delivery.headers, notes),
        content_type=short_string(delivery.content_type) or UNKNOWN_CONTENT,
    )
    bare = Message(
        id=identifier,
        type="",
        routing_key=queue,
        body=delivery.body,
        headers=bare_headers(delivery.headers, notes),
        content_type=UNKNOWN_CONTENT,
    )
    return AsideMessage(whole, bare)


def put_aside(bus: EventBus, messages: Sequence[AsideMessage], deadline: float) -> None:
    """Send messages to their queues; those that are refused, one by one.

    Raises:
        BusUnavailable: a message was not confirmed, even without its headers.
    """
    for wave in _waves(messages):
        outcomes = bus.send([each.whole for each in wave], deadline)
        for each in wave:
            if outcomes[each.whole.id] is not Outcome.CONFIRMED:
                _send_alone(bus, each, deadline)


def _send_alone(bus: EventBus, message: AsideMessage, deadline: float) -> None:
    if _is_confirmed(bus, message.whole, deadline):
        return
    log.warning("a message is put aside without its headers", extra={"event_id": message.whole.id})
    if not _is_confirmed(bus, message.bare, deadline):
        raise BusUnavailable(
            f"A message could not be put into {message.bare.routing_key}: `carafe bus check` shows "
            "whether the queue exists."
        )


def _is_confirmed(bus: EventBus, message: Message, deadline: float) -> bool:
    return bus.send([message], deadline)[message.id] is Outcome.CONFIRMED


def _waves(messages: Sequence[AsideMessage]) -> Iterator[list[AsideMessage]]:
    """Yield messages in waves without a repeated id: a bus reports outcomes by id."""
    while messages:
        wave = {each.whole.id: each for each in messages}
        yield list(wave.values())
        messages = [each for each in messages if each is not wave[each.whole.id]]
