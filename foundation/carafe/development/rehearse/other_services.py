"""The other services on the bus: they hear what this one tells, and tell it of their own."""

import json
from collections import defaultdict
from typing import Any

import pika

from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.names import events_exchange
from carafe.infrastructure.identifiers import new_id

PATIENCE_SECONDS = 0.2

Events = dict[str, list[dict[str, Any]]]
"""By aggregate, in the order in which they came."""


class OtherServices:
    """Subscribes to all events of a service, from now on.

    Args:
        service: which.
        broker_url: where they publish.
    """

    def __init__(self, service: Container[Any], broker_url: str) -> None:
        self._broker_url = broker_url
        self._subscription = service.bus.subscribe([f"{service.settings.service_name}.#"])
        self._events: Events = defaultdict(list)

    def received(self) -> Events:
        """Return all that came so far."""
        while received := self._subscription.receive(PATIENCE_SECONDS):
            event = json.loads(received.body)
            self._events[event["subject"]].append(event)
            self._subscription.settle(received)
        return self._events

    def publish(self, wire_type: str, **data: str) -> None:
        """Publish an event as another service does."""
        event = {
            "specversion": "1.0",
            "id": new_id(),
            "source": "/elsewhere",
            "type": wire_type,
            "subject": "p-1",
            "datacontenttype": "application/json",
            "data": data,
        }
        properties = pika.BasicProperties(message_id=event["id"], type=wire_type, delivery_mode=2)  # type: ignore[no-untyped-call]
        with pika.BlockingConnection(pika.URLParameters(self._broker_url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            exchange = events_exchange(wire_type.partition(".")[0])
            key = wire_type.rpartition(".v")[0]
            channel.basic_publish(exchange, key, json.dumps(event).encode(), properties)

    def close(self) -> None:
        """Subscribe no longer."""
        self._subscription.__exit__(None, None, None)
