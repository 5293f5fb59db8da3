"""Events of other services, as they come through the broker."""

import json
from typing import Any

import pika

from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.inbox import Delivery
from carafe.infrastructure.event_bus.names import events_exchange, inbox, parked
from carafe.infrastructure.event_bus.port import CLOUD_EVENT
from carafe.infrastructure.identifiers import new_id


def an_event(wire_type: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return an event of another service; `data` and the rest as given."""
    return {
        "specversion": "1.0",
        "id": new_id(),
        "source": f"/{wire_type.partition('.')[0]}",
        "type": wire_type,
        "datacontenttype": "application/json",
        **changes,
    }


def a_delivery(event: object, **headers: Any) -> Delivery:  # noqa: ANN401 - any AMQP value
    """Return an event as the broker hands it over."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    names = event if isinstance(event, dict) else {}
    return Delivery(
        body=body,
        message_id=str(names.get("id") or "") or None,
        type=names.get("type"),
        content_type=CLOUD_EVENT,
        headers=headers,
    )


class Broker:
    """What lies in the queues of a service.

    Args:
        service: whose.
    """

    def __init__(self, service: Container[Any]) -> None:
        self._url = service.settings.rabbitmq_url
        self.name = service.settings.service_name

    def publish(self, event: dict[str, Any]) -> None:
        """Publish an event as its service would."""
        with pika.BlockingConnection(pika.URLParameters(self._url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish(
                events_exchange(event["type"].partition(".")[0]),
                event["type"].rpartition(".v")[0],
                json.dumps(event).encode(),
                pika.BasicProperties(message_id=event["id"], type=event["type"], delivery_mode=2),  # type: ignore[no-untyped-call]
            )

    def put(self, queue: str, body: bytes, **properties: Any) -> None:  # noqa: ANN401 - AMQP's
        """Put a message straight into a queue."""
        with pika.BlockingConnection(pika.URLParameters(self._url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish("", queue, body, pika.BasicProperties(**properties))  # type: ignore[no-untyped-call]

    def taken(self, queue: str) -> list[tuple[dict[str, Any], bytes]]:
        """Take all messages of a queue: their headers and bodies."""
        messages: list[tuple[dict[str, Any], bytes]] = []
        with pika.BlockingConnection(pika.URLParameters(self._url)) as connection:
            channel = connection.channel()
            while True:
                method, properties, body = channel.basic_get(queue, auto_ack=True)
                if method is None or properties is None or body is None:
                    return messages
                headers = dict(properties.headers or {})
                headers.pop("x-delivery-count", None)  # the broker's own, quorum queues only
                messages.append((headers, body))

    def parked(self) -> list[tuple[dict[str, Any], bytes]]:
        """Take the messages that were set aside, as `taken`."""
        return self.taken(parked(self.name))

    def count(self, queue: str | None = None) -> int:
        """Return how many messages are ready in a queue, by default the inbox."""
        with pika.BlockingConnection(pika.URLParameters(self._url)) as connection:
            asked = connection.channel().queue_declare(queue or inbox(self.name), passive=True)
            count: int = asked.method.message_count
            return count
