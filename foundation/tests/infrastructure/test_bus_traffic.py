"""`carafe bus watch` and `publish`: what passes over the bus, seen and tried."""

import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pika
import pytest
from click.testing import Result

from carafe.contracts.integration_events import IntegrationEvent
from carafe.development.bus.publishing import NotPublished, publish_as_other, require_local
from carafe.development.bus.watching import PassingMessage, watched
from carafe.development.cli import main
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.names import events_exchange, inbox_queue
from carafe.infrastructure.event_bus.port import Message
from carafe.infrastructure.event_bus.topology import Topology
from chalicelib.contracts.subscribed_events import PaymentCapturedV1
from tests.support.command_runner import CommandRunner
from tests.support.outboxes import in_seconds

CAPTURED = PaymentCapturedV1.wire_type
DATA = {"order_id": "o-1", "payment_reference": "p-1"}


def run(*arguments: str) -> Result:
    return CommandRunner().invoke(main, ["bus", *arguments])


@contextmanager
def watching(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> Iterator["Future[Result]"]:
    """Run `bus watch` beside the test, whose block begins when it sees every message."""
    is_watching = threading.Event()

    @contextmanager
    def noted(
        url: str, topology: Topology, patterns: Sequence[str]
    ) -> Iterator[Iterator[PassingMessage | None]]:
        with watched(url, topology, patterns) as messages:
            is_watching.set()
            yield messages

    monkeypatch.setattr("carafe.development.bus.traffic.watched", noted)
    with ThreadPoolExecutor(1) as pool:
        result = pool.submit(run, "watch", *arguments)
        assert is_watching.wait(20)
        yield result


def event(wire_type: str, **more: object) -> Message:
    envelope = {"type": wire_type, "subject": "o-1", "data": {"n": 1}, **more}
    key = wire_type.rpartition(".v")[0]
    return Message(f"id of {wire_type}", wire_type, key, json.dumps(envelope).encode())


def test_what_the_service_publishes_is_shown(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with watching(monkeypatch, "--count", "2") as result:
        service.bus.publish(
            [event("ordering.order.placed.v1", sequence=7), event("a.b.c.v1")], in_seconds(5)
        )
        lines = sorted(result.result(20).output.splitlines())
    assert [each[10:] for each in lines if each[2] == ":"] == [
        'a.b.c.v1  o-1  {"n": 1}',
        'ordering.order.placed.v1  o-1  #7  {"n": 1}',
    ]
    assert result.result().exit_code == 0


def test_a_pattern_leaves_out_the_others(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("a.*.c.v1", "--count", "1", "--json")
    with watching(monkeypatch, *arguments) as result:
        service.bus.publish([event("a.b.d.v1"), event("a.b.c.v2")], in_seconds(5))
        last = result.result(20).output.splitlines()[-1]
    assert json.loads(last)["type"] == "a.b.c.v2"


def test_what_controls_a_terminal_is_shown_as_an_escape(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with watching(monkeypatch, "--count", "2") as result:
        strange = event("a.b.c.v1", subject="\x1b[2J", data={"\x1b": "\u202e"})
        service.bus.publish([strange, Message("2", "x", "x", b"\xff", {}, "")], in_seconds(5))
        output = result.result(20).output
    assert "\x1b" not in output
    assert "\u202e" not in output
    assert "no CloudEvent" in output


@pytest.mark.usefixtures("service")
def test_too_few_messages_in_time_are_an_error() -> None:
    result = run("watch", "--count", "1", "--seconds", "0.1")
    assert result.exit_code == 1
    assert "0 of 1 messages came in time." in result.output
    assert run("watch", "--seconds", "0.1").exit_code == 0


def test_without_exchanges_a_watch_says_what_to_do(service: Container[Any]) -> None:
    with pika.BlockingConnection(pika.URLParameters(service.settings.rabbitmq_url)) as connection:
        connection.channel().exchange_delete(events_exchange(service.settings.service_name))
    result = run("watch", "--seconds", "0.1")
    assert result.exit_code == 1
    assert "`carafe bus declare`" in result.output
    assert "Traceback" not in result.output


def test_what_another_service_publishes_is_shown(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with watching(monkeypatch, CAPTURED, "--count", "1", "--json") as result:
        publish_as_other(
            service.settings.rabbitmq_url, PaymentCapturedV1, DATA, identifier="e-1", subject="o-1"
        )
        envelope = json.loads(result.result(20).output.splitlines()[-1])
    assert envelope["source"] == "/payments"
    assert (envelope["id"], envelope["subject"], envelope["data"]) == ("e-1", "o-1", DATA)


def test_an_event_is_published_in_another_services_place(service: Container[Any]) -> None:
    for _ in range(2):
        result = run("publish", CAPTURED, "--data", json.dumps(DATA), "--id", "e-1")
        assert result.exit_code == 0, result.output
    inbox = inbox_queue(service.settings.service_name)
    with pika.BlockingConnection(pika.URLParameters(service.settings.rabbitmq_url)) as connection:
        messages = connection.channel().consume(inbox, auto_ack=True, inactivity_timeout=20)
        received = [properties for _, (_, properties, _) in zip(range(2), messages, strict=False)]
    assert [each.message_id for each in received if each] == ["e-1", "e-1"]


@pytest.mark.usefixtures("service")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([CAPTURED, "--data", "{"], "--data is not JSON"),
        ([CAPTURED, "--data", "[]"], "must be a JSON object"),
        ([CAPTURED, "--data", "{}"], "does not fit payments.payment.captured.v1"),
        (["a.b.c.v1"], "nothing here handles a.b.c.v1; this service receives "),
        (["ordering.order.paid.v1"], "an event of this service"),
    ],
)
def test_what_cannot_be_published_is_told_in_one_line(arguments: list[str], words: str) -> None:
    result = run("publish", *arguments)
    assert result.exit_code == 1
    assert words in result.output
    assert result.output.count("\n") == 1


def test_an_exchange_that_is_missing_is_named(service: Container[Any]) -> None:
    class ThingDone(IntegrationEvent, frozen=True):
        wire_type = "nobody.thing.done.v1"

    with pytest.raises(NotPublished, match=r"nobody\.events exist\? `carafe bus declare`"):
        publish_as_other(service.settings.rabbitmq_url, ThingDone, {})


@pytest.mark.parametrize(
    ("url", "is_local"),
    [
        ("amqp://a:b@localhost:5672/%2F", True),
        ("amqp://a:b@127.0.0.1/%2F", True),
        ("amqp://a:b@127.0.0.1:1,localhost:2/%2F", True),
        ("amqps://a:b@b-1.mq.eu-central-1.amazonaws.com:5671", False),
        ("amqp://a:b@localhost:1,10.0.0.1:2/%2F", False),
        ("amqp://a:b@localhost.example.org/%2F", False),
        ("nonsense", False),
    ],
)
def test_only_this_machines_broker_takes_messages_in_anothers_name(
    url: str, is_local: bool
) -> None:
    if is_local:
        require_local(url)
        return
    with pytest.raises(NotPublished, match="not on this machine"):
        require_local(url)
