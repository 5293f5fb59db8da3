"""The other services on the bus: they receive this service's events, and publish their own."""

import json
from collections import defaultdict
from typing import Any

import pika
from pika.exceptions import ChannelClosedByBroker

from carafe.infrastructure.event_bus.names import events_exchange
from carafe.infrastructure.event_bus.rabbitmq import ACCESS_REFUSED, RabbitMQBus
from carafe.infrastructure.identifiers import new_id

from .errors import RehearsalFailed
from .shared_broker import SharedBroker

RECEIVE_SECONDS = 0.2

Events = dict[str, list[dict[str, Any]]]
"""Events by aggregate, in the order of their arrival."""


class OtherServices:
    """Other services on the same broker, each with its own login.

    One subscribes to all events of a service, from now on; others publish.

    Args:
        service: whose events they receive.
        broker: admits them.
    """

    def __init__(self, service: str, broker: SharedBroker) -> None:
        self._service = service
        self._broker = broker
        self._url = broker.reader(service)
        self._subscription = RabbitMQBus(self._url, service).subscribe([f"{service}.#"])
        self._events: Events = defaultdict(list)

    def received(self) -> Events:
        """Return all events received so far."""
        while message := self._subscription.receive(RECEIVE_SECONDS):
            event = json.loads(message.body)
            self._events[event["subject"]].append(event)
            self._subscription.settle(message)
        return self._events

    def publish(self, wire_type: str, **data: str) -> None:
        """Publish an event as another service does."""
        event = foreign_event(wire_type, subject="p-1", data=data)
        publish_event(self._broker.publisher(wire_type.partition(".")[0]), event)

    def require_refusal(self) -> None:
        """Require that nobody else can publish an event of the service.

        Raises:
            RehearsalFailed: the broker takes it.
        """
        forged = foreign_event(f"{self._service}.forgery.made.v1", subject="p-1", data={})
        try:
            publish_event(self._url, forged)
        except ChannelClosedByBroker as error:
            if error.reply_code == ACCESS_REFUSED:
                return
            raise
        raise RehearsalFailed(f"another service can publish events of {self._service}")

    def close(self) -> None:
        """Cancel the subscription."""
        self._subscription.__exit__(None, None, None)


def foreign_event(wire_type: str, **attributes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return an event of another service, as CloudEvents has it.

    Args:
        wire_type: such as `post.book.arrived.v1`.
        attributes: `data`, and any attribute with another value than the default.
    """
    return {
        "specversion": "1.0",
        "id": new_id(),
        "source": f"/{wire_type.partition('.')[0]}",
        "type": wire_type,
        "datacontenttype": "application/json",
        **attributes,
    }


def publish_event(broker_url: str, event: dict[str, Any]) -> None:
    """Publish an event to the exchange of the service that its type names."""
    wire_type: str = event["type"]
    properties = pika.BasicProperties(message_id=event["id"], type=wire_type, delivery_mode=2)  # type: ignore[no-untyped-call]
    with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        exchange = events_exchange(wire_type.partition(".")[0])
        routing_key = wire_type.rpartition(".v")[0]
        channel.basic_publish(exchange, routing_key, json.dumps(event).encode(), properties)
