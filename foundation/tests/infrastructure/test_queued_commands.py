"""Commands from the queue: each takes effect once, and fails alone."""

import json
import re
import secrets
from typing import Any

import pytest

from carafe.development.event_sources import QueueTrigger
from carafe.development.pump import QueuePump
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs import queued_commands
from carafe.infrastructure.errors import StoreUnavailable
from carafe.infrastructure.event_bus.names import RETRY_DELAYS_SECONDS
from carafe.infrastructure.identifiers import command_id
from carafe.infrastructure.outbox.outbox import envelope_of
from carafe.testing.contexts import a_context
from carafe.testing.examples import AN_ADDRESS
from carafe.testing.sqs import Sqs
from chalicelib.contracts.scopes import OPERATIONS, SCOPES
from chalicelib.domain.order import Order, OrderStatus
from chalicelib.domain.product import Product
from tests.support.products import a_product


def queued(command: str, data: dict[str, Any], **changes: object) -> dict[str, Any]:
    scopes = sorted(SCOPES - {OPERATIONS})
    message = {"id": "c-1", "command": command, "subject": "maria", "scopes": scopes, "data": data}
    return {**message, **changes}


def a_cancellation(order_id: str, **changes: object) -> dict[str, Any]:
    data = {"id": order_id, "reason": "changed my mind"}
    return queued("ordering.cancel_order", data, **changes)


def with_an_unknown_field(name: str, value: object) -> dict[str, Any]:
    return queued("ordering.cancel_order", {"id": "x", "reason": "y", name: value})


class Commands:
    """The queue of commands, fed to `execute`.

    Args:
        sqs: the local SQS.
    """

    def __init__(self, sqs: Sqs) -> None:
        self.sqs = sqs
        self.trigger = QueueTrigger("execute", f"commands-{secrets.token_hex(4)}", 10, 0)
        sqs.declare(self.trigger)

    def feed(self, *bodies: object) -> int:
        """Send messages, feed one batch, and return how many remain in the queue."""
        from app import execute  # noqa: PLC0415 - after the environment is set

        for body in bodies:
            self.sqs.send(self.trigger.queue, body)
        pump = QueuePump(self.sqs.client, self.sqs.url(self.trigger.queue), self.trigger, execute)
        pump.step()
        return self.sqs.count(self.trigger.queue)

    def parked(self) -> list[tuple[object, dict[str, str]]]:
        """Return what was parked: bodies, and the notes beside them."""
        answer = self.sqs.client.receive_message(
            QueueUrl=self.sqs.url(f"{self.trigger.queue}-dead"),
            MaxNumberOfMessages=10,
            MessageAttributeNames=["All"],
        )
        return [
            (
                each["Body"],
                {
                    name: value["StringValue"]
                    for name, value in each.get("MessageAttributes", {}).items()
                },
            )
            for each in answer.get("Messages", [])
        ]


@pytest.fixture
def commands(sqs: Sqs, service: Container[Any]) -> Commands:
    """The service's queue of commands."""
    del service
    return Commands(sqs)


def test_a_queued_command_takes_effect_once(
    service: Container[Any], commands: Commands, order_id: str
) -> None:
    cancel = a_cancellation(order_id, correlation_id="corr-1")
    assert commands.feed(cancel, cancel) == 0
    assert commands.feed(cancel) == 0
    order = service.repository(Order).get(order_id)
    assert (order.status, order.version) == (OrderStatus.CANCELLED, 2)
    document = service.database["orders"].find_one({"_id": order_id})
    assert document is not None
    assert envelope_of(document["pending"][-1])["correlationid"] == "corr-1"


def test_a_queued_order_is_the_one_that_http_would_have_placed(
    service: Container[Any], commands: Commands
) -> None:
    product = a_product()
    service.repository(Product).add(product, a_context())
    lines = [{"product_id": product.id, "quantity": 1}]
    data = {"lines": lines, "shipping_address": AN_ADDRESS}
    assert commands.feed(queued("ordering.place_order", data)) == 0
    ((order,),) = [service.repository(Order).find().items]
    # An HTTP request of hers with the Idempotency-Key c-1 would meet this very order.
    assert (order.id, order.customer_id) == (command_id("maria", "c-1"), "maria")


def test_the_others_of_a_batch_go_on(
    service: Container[Any], commands: Commands, order_id: str
) -> None:
    """F18, F43."""
    assert commands.feed("{", a_cancellation(order_id), a_cancellation("no-such-order")) == 1
    assert service.repository(Order).get(order_id).status is OrderStatus.CANCELLED
    ((body, notes),) = commands.parked()
    assert (body, notes["reason"]) == ("{", "malformed")
    assert notes["parked_at"]


POISON: list[tuple[object, str]] = [
    ([], "malformed"),
    (queued("ordering.cancel_order", {"id": {"$ne": ""}, "reason": "x"}), "malformed"),
    (queued("ordering.cancel_order", {"id": "x"}), "malformed"),
    (queued("ordering.no_such_command", {}), "unknown_type"),
    (with_an_unknown_field("more", 1), "malformed"),
    (a_cancellation("x", scopes=[]), "scope_missing"),
    (a_cancellation("x", scopes=None), "scope_missing"),
    (a_cancellation("x", scopes=["orders:read"]), "scope_missing"),
    (a_cancellation("x", scopes=None, subject="/another"), "scope_missing"),
    (a_cancellation("x", id=""), "malformed"),
]


@pytest.mark.parametrize(("message", "reason"), POISON)
def test_poison_is_parked_at_once(commands: Commands, message: object, reason: str) -> None:
    assert commands.feed(message) == 0
    ((body, notes),) = commands.parked()
    assert isinstance(body, str)
    assert json.loads(body) == message
    assert notes["reason"] == reason


def test_a_refused_command_is_held_back_then_parked(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queued_commands, "RETRY_DELAYS_SECONDS", [0] * len(RETRY_DELAYS_SECONDS))
    early = a_cancellation("no-such-order")
    assert commands.feed(early) == 1
    for _ in RETRY_DELAYS_SECONDS[1:]:
        assert commands.feed() == 1
    assert commands.parked() == []
    assert commands.feed() == 0
    ((body, notes),) = commands.parked()
    assert json.loads(str(body)) == early
    assert notes["reason"] == "not_found"


def test_what_is_held_back_waits(commands: Commands) -> None:
    assert commands.feed(a_cancellation("no-such-order")) == 1
    assert commands.feed() == 1
    assert commands.parked() == []


def test_while_the_store_is_away_no_command_is_parked(
    service: Container[Any], commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app import execute  # noqa: PLC0415 - after the environment is set

    def away(*_arguments: object) -> object:
        raise StoreUnavailable("gone")

    monkeypatch.setattr(service.repository(Order), "load", away)
    sqs = commands.sqs
    sqs.send(commands.trigger.queue, a_cancellation("x"))
    pump = QueuePump(sqs.client, sqs.url(commands.trigger.queue), commands.trigger, execute)
    (message,) = pump._receive(1, 0)  # noqa: SLF001 - to let it have failed often
    message["MessageAttributes"] = {
        queued_commands.FAILURES: {"DataType": "Number", "StringValue": "9"}
    }
    assert pump._failed_ids([message]) == {message["MessageId"]}  # noqa: SLF001 - the same
    assert commands.parked() == []


def test_other_peoples_orders_stay_hidden(
    service: Container[Any], commands: Commands, order_id: str
) -> None:
    assert commands.feed(a_cancellation(order_id, subject="john")) == 1
    assert service.repository(Order).get(order_id).status is OrderStatus.PLACED


# What is put aside


LARGEST_MESSAGE = 256 * 1024

ACCEPTED = re.compile("[\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
"""What SQS accepts in an attribute."""

UNSENDABLE: dict[str, str] = {
    "control characters": "a\u0001b\u0000",
    "characters that XML does not have": "\ufffe\uffff",
}


def a_body(size: int, name: str = "x") -> str:
    """Return a command with an unknown field, of so many bytes."""
    body = json.dumps(with_an_unknown_field(name, ""))
    return body.replace('""}', f'"{"y" * (size - len(body))}"}}')


@pytest.mark.parametrize("name", UNSENDABLE.values(), ids=UNSENDABLE)
def test_a_reason_that_sqs_refuses_is_cleaned(commands: Commands, name: str) -> None:
    """F53: the fault names a field of the sender's."""
    assert commands.feed(with_an_unknown_field(name, 1)) == 0
    ((_, notes),) = commands.parked()
    assert notes["reason"] == "malformed"
    assert ACCEPTED.fullmatch(notes["detail"])


@pytest.mark.parametrize("room", [0, 10, 50, 100, 1_000])
def test_a_body_near_the_limit_is_parked_with_what_fits(commands: Commands, room: int) -> None:
    """F53: SQS counts body and attributes together."""
    body = a_body(LARGEST_MESSAGE - room)
    assert commands.feed(body) == 0
    ((parked, notes),) = commands.parked()
    assert parked == body
    assert "malformed".startswith(notes.get("reason", ""))
    size = len(body) + sum(len(name) + len("String") + len(value) for name, value in notes.items())
    assert size <= LARGEST_MESSAGE


@pytest.mark.parametrize(
    "attributes",
    [
        {"failures": {"DataType": "String", "StringValue": "9" * 5_000}},
        {"failures": {"DataType": "String", "StringValue": "٣"}},
        {"failures": {"DataType": "Binary", "BinaryValue": b"3"}},
        {"other": {"DataType": "String", "StringValue": "x"}},
    ],
)
def test_an_odd_count_of_failures_holds_up_nobody(
    service: Container[Any], commands: Commands, order_id: str, attributes: dict[str, Any]
) -> None:
    """F43."""
    commands.sqs.client.send_message(
        QueueUrl=commands.sqs.url(commands.trigger.queue),
        MessageBody=json.dumps(a_cancellation(order_id)),
        MessageAttributes=attributes,
    )
    assert commands.feed() == 0
    assert service.repository(Order).get(order_id).status is OrderStatus.CANCELLED
