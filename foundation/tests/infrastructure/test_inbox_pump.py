"""The local pump hands messages of RabbitMQ to `consume` exactly as AWS Lambda does."""

import base64
from typing import Any

import pytest

from carafe.api.lambda_events import deliveries_of
from carafe.development import inbox_pump
from carafe.development.event_sources import Function
from carafe.development.inbox_pump import LARGEST_BATCH, InboxPump
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.delivery import Delivery
from carafe.infrastructure.event_bus.names import inbox_queue
from carafe.testing.contexts import a_context
from carafe.testing.inbound import Broker
from chalicelib.domain.order import Order, OrderStatus
from tests.support.inbound import payment_captured
from tests.support.orders import an_order


def a_pump(service: Container[Any], function: Function) -> InboxPump:
    return InboxPump(
        service.settings.rabbitmq_url, inbox_queue(service.settings.service_name), function
    )


def test_an_event_of_another_service_reaches_its_order(
    service: Container[Any], broker: Broker
) -> None:
    from app import consume  # noqa: PLC0415 - after the environment is set

    order = an_order()
    service.repository(Order).add(order, a_context())
    broker.publish(payment_captured(order.id))
    assert a_pump(service, consume).step() == 1
    assert service.repository(Order).get(order.id).status is OrderStatus.PAID
    assert broker.count() == 0


def test_a_message_has_the_shape_that_aws_sends(service: Container[Any], broker: Broker) -> None:
    """As https://docs.aws.amazon.com/lambda/latest/dg/with-mq.html shows it."""
    headers = {"text": "ü", "number": 7, "flag": True, "list": ["a", 1], "table": {"in": "b"}}
    properties = {"headers": headers, "timestamp": 60_000, "type": "t", "priority": 3}
    broker.put(inbox_queue(broker.name), b"body", **properties)
    events: list[dict[str, Any]] = []
    a_pump(service, lambda event, _context: events.append(event)).step()
    (event,) = events
    assert event["eventSource"] == "aws:rmq"
    ((queue, (message,)),) = event["rmqMessagesByQueue"].items()
    assert queue == f"{inbox_queue(broker.name)}::/"
    assert (message["redelivered"], base64.b64decode(message["data"])) == (False, b"body")
    basic = message["basicProperties"]
    assert basic["headers"]["text"] == {"bytes": [195, 188]}
    assert (basic["timestamp"], basic["bodySize"]) == ("Jan 1, 1970, 4:40:00 PM", 4)
    assert basic["messageId"] is None
    ((delivery),) = deliveries_of(event)
    assert {name: delivery.headers[name] for name in headers} == headers


def test_a_batch_is_all_or_nothing(
    service: Container[Any], broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F19."""
    monkeypatch.setattr(inbox_pump, "GATHER_SECONDS", 1)  # a busy machine ends no batch early
    count = LARGEST_BATCH + 3
    for number in range(count):
        broker.put(inbox_queue(broker.name), str(number).encode())
    sizes: list[int] = []

    def failing_once(event: dict[str, Any], _context: object) -> None:
        (messages,) = event["rmqMessagesByQueue"].values()
        sizes.append(len(messages))
        if len(sizes) == 1:
            raise RuntimeError("all of them come again")

    pump = a_pump(service, failing_once)
    pump.step()
    assert broker.count() == count
    while pump.step():
        pass
    assert sizes == [LARGEST_BATCH, LARGEST_BATCH, 3]
    assert broker.count() == 0


ODD: list[tuple[dict[str, Any], Delivery]] = [
    ({}, Delivery(body=b"")),
    ({"basicProperties": None, "data": "!"}, Delivery(body=b"!")),
    ({"basicProperties": {"headers": None, "messageId": 3}, "data": "e30="}, Delivery(body=b"{}")),
    (
        {"basicProperties": {"headers": {"a": {"bytes": [300]}, "b": 2**70, "c": 1.5}}},
        Delivery(body=b"", headers={"a": "[300]", "b": str(2**70), "c": "1.5"}),
    ),
    (
        {"basicProperties": {"headers": {"a": {"bytes": [255]}, "b": {"c": 1}}}},
        Delivery(body=b"", headers={"a": b"\xff", "b": {"c": 1}}),
    ),
    (
        {"basicProperties": {"headers": {"a": {"bytes": [-61, -68]}, "b": {"bytes": [195, 188]}}}},
        Delivery(body=b"", headers={"a": "ü", "b": "ü"}),
    ),
    ({"basicProperties": [], "data": "e30="}, Delivery(body=b"{}")),
]


@pytest.mark.parametrize(("message", "delivery"), ODD)
def test_odd_messages_are_read_all_the_same(message: dict[str, Any], delivery: Delivery) -> None:
    """F45: what they hold is for the inbox to judge."""
    assert list(deliveries_of({"rmqMessagesByQueue": {"q::/": [message]}})) == [delivery]
