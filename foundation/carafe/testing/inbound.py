"""Events of other services, as they arrive through the broker."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pika

from carafe.development.rehearse.other_services import foreign_event, publish_event
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.delivery import Delivery
from carafe.infrastructure.event_bus.connections import connect, parameters_of
from carafe.infrastructure.event_bus.names import inbox_queue, parked_queue
from carafe.infrastructure.event_bus.port import CLOUD_EVENT

WAIT_SECONDS = 10


def an_event(wire_type: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return an event of another service, with `data` and other attributes as passed."""
    return foreign_event(wire_type, **changes)


def a_delivery(event: object, **headers: Any) -> Delivery:  # noqa: ANN401 - any AMQP value
    """Return an event as the broker delivers it."""
    body = event if isinstance(event, bytes) else json.dumps(event).encode()
    attributes = event if isinstance(event, dict) else {}
    return Delivery(
        body=body,
        message_id=str(attributes.get("id") or "") or None,
        type=attributes.get("type"),
        content_type=CLOUD_EVENT,
        headers=headers,
    )


class Broker:
    """The queues of a service on the broker.

    Args:
        service: their owner.
    """

    def __init__(self, service: Container[Any]) -> None:
        self._url = service.settings.rabbitmq_url
        self.name = service.settings.service_name

    def publish(self, event: dict[str, Any]) -> None:
        """Publish an event as its service would."""
        publish_event(self._url, event)

    def put(self, queue: str, body: bytes, **properties: Any) -> None:  # noqa: ANN401 - AMQP's
        """Publish a message directly to a queue."""
        self.put_raw(queue, body, pika.BasicProperties(**properties))  # type: ignore[no-untyped-call]

    def put_raw(self, queue: str, body: bytes, properties: pika.BasicProperties) -> None:
        """Publish a message with any properties directly to a queue."""
        with connect(parameters_of(self._url)) as connection:
            channel = connection.channel()
            channel.confirm_delivery()
            channel.basic_publish("", queue, body, properties)

    def take_all(self, queue: str) -> list[tuple[dict[str, Any], bytes]]:
        """Remove all messages of a queue, and return their headers and bodies."""
        messages: list[tuple[dict[str, Any], bytes]] = []
        for properties, body in self._take(queue):
            headers = dict(properties.headers or {})
            headers.pop("x-delivery-count", None)  # set by the broker on quorum queues
            messages.append((headers, body))
        return messages

    def take_properties(self, queue: str) -> list[pika.BasicProperties]:
        """Remove all messages of a queue, and return their properties."""
        return [properties for properties, _ in self._take(queue)]

    def _take(self, queue: str) -> Iterator[tuple[pika.BasicProperties, bytes]]:
        with connect(parameters_of(self._url)) as connection:
            channel = connection.channel()
            while True:
                method, properties, body = channel.basic_get(queue, auto_ack=True)
                if method is None or properties is None or body is None:
                    return
                yield properties, body

    def parked(self) -> list[tuple[dict[str, Any], bytes]]:
        """Remove and return the parked messages, as `take_all`."""
        return self.take_all(parked_queue(self.name))

    def count(self, queue: str | None = None) -> int:
        """Return how many messages are ready in a queue; by default, in the inbox."""
        with connect(parameters_of(self._url)) as connection:
            declared = connection.channel().queue_declare(
                queue or inbox_queue(self.name), passive=True
            )
            count: int = declared.method.message_count
            return count

    def wait_for(self, count: int, queue: str | None = None) -> None:
        """Wait until so many messages are ready in a queue; by default, in the inbox."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (ready := self.count(queue)) != count:
            if time.monotonic() > deadline:
                raise AssertionError(f"{ready} messages are ready, not {count}")
            time.sleep(0.1)
