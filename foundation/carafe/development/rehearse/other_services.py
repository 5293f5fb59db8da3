"""The other services on the bus: they receive this service's events, and publish their own."""

import json
from collections import defaultdict
from typing import Any

import pika

from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.names import events_exchange
from carafe.infrastructure.identifiers import new_id

RECEIVE_SECONDS = 0.2

Events = dict[str, list[dict[str, Any]]]
"""Events by aggregate, in the order of their arrival."""


class OtherServices:
    """Subscribes to all events of a service, from now on.

    Args:
        service: whose events they receive.
        broker_url: where they publish their own.
    """

    def __init__(self, service: Container[Any], broker_url: str) -> None:
        self._broker_url = broker_url
        self._subscription = service.bus.subscribe([f"{service.settings.service_name}.#"])
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
        publish_event(self._broker_url, foreign_event(wire_type, subject="p-1", data=data))

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
