"""Putting a message aside never fails because of what is put aside (F53)."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pika
import pytest

from app import consume, functions
from carafe.development.inbox_pump import InboxPump
from carafe.infrastructure.container import Container
from carafe.infrastructure.cqrs.delivery import Delivery
from carafe.infrastructure.cqrs.inbox import SENDING_SECONDS, Settled
from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus import foreign_headers
from carafe.infrastructure.event_bus.foreign_headers import LARGEST_HEADERS
from carafe.infrastructure.event_bus.names import aside_exchange, inbox_queue, retry_queue
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.testing.inbound import Broker, a_delivery
from chalicelib.domain.order import Order, OrderStatus
from tests.support.inbound import payment_captured
from tests.support.settling import settle, soon

LARGEST_HEADER = 130_994
"""Bytes, of the largest header that the broker accepts with some others in a frame of 128 KiB."""


def deep(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels):
        value = [value]
    return value


UNWIELDY: dict[str, dict[str, Any]] = {
    "one large header": {"headers": {"large": "x" * LARGEST_HEADER}},
    "60 kB of bytes": {"headers": {"binary": bytes(range(128, 256)) * 480}},
    "60 kB of numbers": {"headers": {"numbers": [200] * 60_000}},
    "2,000 headers": {"headers": {f"h{number}": "x" * 100 for number in range(2_000)}},
    "a large name": {"headers": {"n" * 5_000: 1}},
    "deep arrays": {"headers": {"deep": deep(400)}},
    "lone surrogates": {
        "headers": {"\ud800": "\udfff", "in": {"\ud800": ["\udfff"]}},
        "message_id": "\ud800",
        "type": "\ud800",
        "content_type": "\ud800",
    },
    "a long id": {"message_id": "ü" * 200},
    "a long type": {"type": "t" * 300},
    "a long content type": {"content_type": "€" * 100},
    "an empty id": {"message_id": "", "type": "", "content_type": ""},
    "numbers": {"headers": {"f": 1.5, "nan": float("nan"), "big": 2**70, "d": Decimal("1e400")}},
    "times": {"headers": {"new": datetime(2026, 1, 1, tzinfo=UTC), "old": datetime(1960, 1, 1)}},  # noqa: DTZ001 - as pika reads one
    "names of ours": {"headers": {"x-dropped-headers": "many", "x-parked-reason": deep(3)}},
    "names that are no text": {"headers": {7: 1, b"\xff": 2}},
}


@pytest.mark.parametrize("case", UNWIELDY)
def test_an_unwieldy_message_is_parked_and_its_neighbours_go_on(
    service: Container[Any], broker: Broker, order_id: str, case: str
) -> None:
    unwieldy = Delivery(body=b"poison", **UNWIELDY[case])
    settled = settle(unwieldy, a_delivery(payment_captured(order_id)), unwieldy)
    assert settled == Settled(handled=1, parked=2)
    assert service.repository(Order).get(order_id).status is OrderStatus.PAID
    for headers, body in broker.parked():
        assert (body, headers["x-parked-reason"]) == (b"poison", "malformed")
        assert_small(headers)


def assert_small(headers: dict[str, Any]) -> None:
    encoded = b"".join(pika.BasicProperties(headers=headers).encode())  # type: ignore[no-untyped-call]
    assert len(encoded) < LARGEST_HEADERS + 10


def test_the_largest_headers_are_left_out_and_counted(broker: Broker) -> None:
    headers = {"a": 1, "large": "x" * LARGEST_HEADERS, "larger": "x" * LARGEST_HEADER}
    settle(Delivery(body=b"poison", headers=headers))
    ((carried, _),) = broker.parked()
    assert (carried["a"], carried["x-dropped-headers"]) == (1, 2)
    assert carried.keys() & headers.keys() == {"a"}


def test_copies_do_not_grow_with_each_attempt(broker: Broker) -> None:
    """Messages that came too early are held back with their headers as they are, bytes as bytes.

    All together: they are held back for five seconds.
    """
    early = {a_delivery(payment_captured("none")).body: case for case in UNWIELDY}
    deliveries = [Delivery(**{**UNWIELDY[case], "body": body}) for body, case in early.items()]
    assert settle(*deliveries) == Settled(retried=len(UNWIELDY))
    broker.wait_for(len(UNWIELDY))
    first = {body: headers for headers, body in broker.take_all(inbox_queue(broker.name))}
    again = [Delivery(body=body, headers=headers) for body, headers in first.items()]
    assert settle(*again) == Settled(retried=len(UNWIELDY))
    second = {body: headers for headers, body in broker.take_all(retry_queue(broker.name, 60))}
    assert second.keys() == early.keys()
    for body, case in early.items():
        assert second[body] == {**without_history(first[body]), "x-attempts": 2}, case
        if case == "60 kB of bytes":
            assert second[body]["binary"] == UNWIELDY[case]["headers"]["binary"]


def without_history(headers: Mapping[str, Any]) -> dict[str, Any]:
    """Return headers without what the broker notes of dead letters."""
    return {
        name: value
        for name, value in headers.items()
        if not (name.startswith("x-death") or "-death-" in name)
    }


def test_the_count_of_attempts_is_never_left_out(broker: Broker) -> None:
    headers = {**{f"h{number}": 1 for number in range(20_000)}, "x-attempts": 2}
    late = time.monotonic() + SENDING_SECONDS - 0.1
    assert functions.inbox().settle([Delivery(body=b"x", headers=headers)], late).postponed == 1
    ((carried, _),) = broker.take_all(inbox_queue(broker.name))
    assert carried["x-attempts"] == 2


def test_through_the_broker_and_back(
    service: Container[Any], broker: Broker, order_id: str
) -> None:
    """The broker accepts the header, and refuses it together with this service's notes."""
    pump = InboxPump(service.settings.rabbitmq_url, inbox_queue(broker.name), consume)
    broker.put(inbox_queue(broker.name), b"poison", headers={"x": "x" * LARGEST_HEADER})
    broker.put(inbox_queue(broker.name), a_delivery(payment_captured(order_id)).body)
    while pump.step():
        pass
    assert service.repository(Order).get(order_id).status is OrderStatus.PAID
    assert (broker.count(), len(broker.parked())) == (0, 1)


def test_a_message_that_the_broker_refuses_is_parked_bare(
    service: Container[Any], broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends the connection over a frame that is too large; the others of the wave go on."""
    monkeypatch.setattr(foreign_headers, "LARGEST_HEADERS", 1 << 30)
    refused = Delivery(body=b"refused", message_id="1", headers={"x": "x" * LARGEST_HEADER * 2})
    others = [Delivery(body=b"other", message_id=str(each), headers={"k": 1}) for each in (2, 3)]
    assert settle(others[0], refused, others[1]).parked == 3
    parked = {body: headers for headers, body in broker.parked()}
    assert (parked[b"refused"]["x-dropped-headers"], parked[b"other"]["k"]) == (1, 1)
    assert parked[b"refused"]["x-parked-reason"] == "malformed"
    assert service.bus.send([], soon()) == {}


class RefusingBus:
    """Refuses messages; otherwise the service's own bus.

    Args:
        service: whose bus it is.
        accepts: whether a message is accepted.
    """

    def __init__(self, service: Container[Any], accepts: Callable[[Message], bool]) -> None:
        self._send = service.bus.send
        self._accepts = accepts
        self.waves: list[int] = []

    def send(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Send all messages, or none."""
        self.waves.append(len(messages))
        if all(map(self._accepts, messages)):
            return self._send(messages, deadline)
        return {each.id: Outcome.NACKED for each in messages}


@pytest.mark.parametrize("accepts_bare", [True, False])
def test_after_a_failed_wave_messages_are_sent_one_by_one(
    service: Container[Any], broker: Broker, monkeypatch: pytest.MonkeyPatch, *, accepts_bare: bool
) -> None:
    bus = RefusingBus(service, lambda message: "bad" not in message.headers and accepts_bare)
    monkeypatch.setattr(service.bus, "send", bus.send)
    deliveries = [Delivery(body=b"poison", headers={name: 1}) for name in ("a", "bad", "b")]
    if not accepts_bare:
        with pytest.raises(BusUnavailable, match="carafe bus check"):
            settle(*deliveries)
        return
    assert settle(*deliveries).parked == 3
    assert bus.waves == [3, 1, 1, 1, 1]
    names = [
        sorted(each.keys() - {"x-parked-at", "x-parked-detail"}) for each, _ in broker.parked()
    ]
    assert names == [
        ["a", "x-parked-reason"],
        ["x-dropped-headers", "x-parked-reason"],
        ["b", "x-parked-reason"],
    ]


def test_a_message_that_cannot_be_encoded_holds_up_no_other(service: Container[Any]) -> None:
    """Nothing of it was sent, so the connection stays as it is."""
    texts = ("a", "\ud800", "t" * 300, "b")
    messages = [Message(str(number), text, "x.y.z", b"{}") for number, text in enumerate(texts)]
    outcomes = service.bus.publish(messages, soon())
    confirmed, unknown = Outcome.CONFIRMED, Outcome.UNKNOWN
    assert list(outcomes.values()) == [confirmed, unknown, unknown, confirmed]


def test_a_service_without_the_exchange_says_what_to_do(
    service: Container[Any], broker: Broker
) -> None:
    """One that was deployed before the exchange existed; nothing is lost."""
    url = service.settings.rabbitmq_url
    with pika.BlockingConnection(pika.URLParameters(url)) as connection:
        connection.channel().exchange_delete(aside_exchange(broker.name))
    broker.put(inbox_queue(broker.name), b"poison")
    for _ in range(2):
        with pytest.raises(BusUnavailable, match="create it with `carafe bus declare`"):
            settle(Delivery(body=b"poison"))
    pump = InboxPump(url, inbox_queue(broker.name), consume)
    assert pump.step() == 1
    broker.wait_for(1)
    service.prepare_bus()
    assert pump.step() == 1
    assert len(broker.parked()) == 1
