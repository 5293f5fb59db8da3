"""What the functions are called with: requests as they come through API Gateway, and messages."""

import json
from collections.abc import Sequence
from typing import Any

import pika

from carafe.development.lambda_events import (
    BrokerMessage,
    Caller,
    Event,
    amazon_mq_event,
    authorizer_event,
    queue_event,
    queue_message,
    request_event,
)
from carafe.development.rehearse.other_services import foreign_event
from carafe.infrastructure.event_bus.names import inbox_queue
from carafe.infrastructure.event_bus.port import CLOUD_EVENT
from carafe.infrastructure.identifiers import new_id
from chalicelib.contracts.commands import PlaceOrder
from chalicelib.contracts.subscribed_events import PaymentCapturedV1

LINES = 5
CUSTOMER = "maria"
SCOPES = "orders:read orders:write"
ADDRESS = {
    "recipient": "Maria Weber",
    "street": "Lindenallee 12",
    "city": "Leipzig",
    "postal_code": "04109",
    "country": "DE",
}

_QUEUES = "arn:aws:sqs:eu-central-1:123456789012:"

# As a browser's or another service's requests arrive behind API Gateway.
_HEADERS = {
    "accept": "application/json",
    "accept-encoding": "gzip, deflate, br",
    "host": "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
    "user-agent": "python-urllib3/2.8.0",
    "x-amzn-trace-id": "Root=1-65f2a1b3-4c5d6e7f8a9b0c1d2e3f4a5b",
    "x-forwarded-for": "203.0.113.7",
    "x-forwarded-port": "443",
    "x-forwarded-proto": "https",
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
}


def order_body(product_ids: Sequence[str]) -> dict[str, Any]:
    """Return the body of the request that places an order."""
    lines = [{"product_id": each, "quantity": 2} for each in product_ids]
    return {"lines": lines, "shipping_address": ADDRESS}


def place(product_ids: Sequence[str]) -> Event:
    """Return the request that places an order, with its own key."""
    caller, body = Caller(CUSTOMER, SCOPES), order_body(product_ids)
    return _with_headers(request_event("POST", "/orders", body, caller=caller, key=new_id()))


def read(order_id: str) -> Event:
    """Return the request that reads an order."""
    caller = Caller(CUSTOMER, SCOPES)
    return _with_headers(request_event("GET", "/orders/{id}", caller=caller, id=order_id))


def nudge(order_id: str) -> Event:
    """Return a batch with a nudge for an order."""
    body = json.dumps({"collection": "orders", "id": order_id})
    return queue_event(f"{_QUEUES}ordering-nudges", [queue_message(body)])


def queued_order(product_ids: Sequence[str]) -> Event:
    """Return a batch with a command that places an order."""
    command = {
        "id": new_id(),
        "command": PlaceOrder.wire_name,
        "subject": CUSTOMER,
        "data": order_body(product_ids),
    }
    return queue_event(f"{_QUEUES}ordering-commands", [queue_message(json.dumps(command))])


def captured_payment(order_id: str) -> Event:
    """Return a batch with another service's event: an order's payment was captured."""
    data = {"order_id": order_id, "payment_reference": "payment-019aa5b2"}
    event = foreign_event(PaymentCapturedV1.wire_type, subject=order_id, data=data)
    properties = pika.BasicProperties(  # type: ignore[no-untyped-call]
        content_type=CLOUD_EVENT, message_id=event["id"], type=event["type"], delivery_mode=2
    )
    message = BrokerMessage(json.dumps(event).encode(), properties)
    return amazon_mq_event(inbox_queue("ordering"), "/", [message])


def authorization(token: str) -> Event:
    """Return the request to check an access token."""
    return authorizer_event(token)


def _with_headers(event: Event) -> Event:
    event["headers"] |= _HEADERS
    event["multiValueHeaders"] |= {name: [value] for name, value in _HEADERS.items()}
    return event
