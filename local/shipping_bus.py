"""How the shipping service speaks with the others: over RabbitMQ."""

import logging
import time
from collections.abc import Sequence
from typing import ClassVar

import msgspec
from carafe.contracts.envelope import ReceivedEvent
from carafe.contracts.integration_events import IntegrationEvent, routing_key
from carafe.contracts.received_commands import ReceivedCommand
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.connections import BROKER_ERRORS, connect, parameters_of
from carafe.infrastructure.event_bus.names import inbox_queue
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus

from .parcels import DISPATCH, RECALL, Parcels, Telling

log = logging.getLogger(__name__)

SERVICE = "shipping"
POLL_SECONDS = 0.05
PUBLISH_SECONDS = 5.0
PAUSE_SECONDS = 0.5


def received_from(sender: str) -> Sequence[type[IntegrationEvent]]:
    """Return the contracts of the commands that a service sends to this one."""

    class DispatchParcelV1(ReceivedCommand, frozen=True):
        wire_type: ClassVar[str] = DISPATCH

    class RecallParcelV1(ReceivedCommand, frozen=True):
        wire_type: ClassVar[str] = RECALL

    contracts = (DispatchParcelV1, RecallParcelV1)
    for each in contracts:
        each.sender = sender
    return contracts


class ShippingBus:
    """Receives commands, and publishes events.

    Args:
        url: of the broker.
        sender: the name of the service whose commands are received.
        parcels: carries them out.
    """

    def __init__(self, url: str, sender: str, parcels: Parcels) -> None:
        self._url = url
        self._sender = sender
        self._parcels = parcels
        self._bus = RabbitMQBus(url, SERVICE)

    def run(self) -> None:
        """Receive and publish until the process ends, whenever the broker is there."""
        while True:
            try:
                self._serve()
            except (BusUnavailable, *BROKER_ERRORS) as error:
                log.warning("no broker: %s", type(error).__name__)
                time.sleep(PAUSE_SECONDS)

    def _serve(self) -> None:
        self._bus.declare(received_from(self._sender))
        with connect(parameters_of(self._url)) as connection:
            channel = connection.channel()
            inbox = channel.consume(inbox_queue(SERVICE), inactivity_timeout=POLL_SECONDS)
            for method, _, body in inbox:
                if method is not None and body is not None:
                    self._receive(body)
                    channel.basic_ack(method.delivery_tag)
                self._publish()

    def _receive(self, body: bytes) -> None:
        try:
            self._parcels.receive(msgspec.json.decode(body, type=ReceivedEvent))
        except (msgspec.MsgspecError, KeyError):
            log.exception("a command cannot be read, and is dropped")

    def _publish(self) -> None:
        """Publish what is to be told, in its order; what was not confirmed is told again."""
        tellings = self._parcels.take_tellings()
        while tellings:
            message = _message_of(tellings[0])
            try:
                outcomes = self._bus.publish([message], time.monotonic() + PUBLISH_SECONDS)
            except BusUnavailable:
                self._parcels.put_back(tellings)
                raise
            if outcomes[message.id] is not Outcome.CONFIRMED:
                self._parcels.put_back(tellings)
                return
            tellings = tellings[1:]


def _message_of(telling: Telling) -> Message:
    command = telling.cause
    envelope = {
        "specversion": "1.0",
        "id": telling.id,
        "source": f"/{SERVICE}",
        "type": telling.type,
        "subject": telling.data.get("order_id", command.id),
        "datacontenttype": "application/json",
        "correlationid": command.correlationid,
        "causationid": command.id,
        "data": telling.data,
    }
    body = msgspec.json.encode(envelope)
    return Message(telling.id, telling.type, routing_key(telling.type), body)
