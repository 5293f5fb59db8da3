"""`carafe bus`: a live broker is held against the contracts, and every fault is named."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pika
import pytest
from click.testing import Result
from pika.adapters.blocking_connection import BlockingChannel

from carafe.development.broker.advice import advise_on
from carafe.development.broker.management import usual_url
from carafe.development.cli import main
from carafe.infrastructure.container import Container
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from chalicelib.contracts.integration_events import OrderPlacedV1
from local.shipping_bus import SERVICE, received_from
from tests.support.command_runner import CommandRunner


def run(*arguments: str) -> Result:
    return CommandRunner().invoke(main, ["bus", *arguments])


@contextmanager
def channel_of(service: Container[Any]) -> Iterator[BlockingChannel]:
    with pika.BlockingConnection(pika.URLParameters(service.settings.rabbitmq_url)) as connection:
        yield connection.channel()


def test_what_was_declared_is_right(service: Container[Any]) -> None:
    assert run("declare").exit_code == 0
    settings = service.settings
    shipping = received_from(settings.service_name)
    RabbitMQBus(settings.rabbitmq_url, SERVICE).declare(shipping)
    with service.bus.subscribe(["#"]):
        result = run("check")
    assert (result.exit_code, result.output) == (0, "The broker matches the contracts.\n")


def test_an_event_that_nobody_consumes_is_a_fault_unless_that_is_meant(
    service: Container[Any],
) -> None:
    with service.bus.subscribe(["ordering.order.#", "ordering.product.registered"]):
        strict, lenient = run("check"), run("check", "--allow-unconsumed")
    assert (strict.exit_code, lenient.exit_code) == (1, 0)
    for word in ("price_changed", "discontinued"):
        sentence = f"nobody consumes ordering.product.{word}.v1"
        assert f"fault  {sentence}" in strict.output
        assert f"note   {sentence}" in lenient.output
    assert "ordering.order" not in strict.output


Break = Callable[[BlockingChannel, str], object]


def replaced_queue(suffix: str, arguments: Mapping[str, Any]) -> Break:
    """Return what replaces a queue of the service by one with other arguments."""

    def replace(channel: BlockingChannel, service: str) -> None:
        channel.queue_delete(f"{service}.{suffix}")
        channel.queue_declare(f"{service}.{suffix}", durable=True, arguments=dict(arguments))

    return replace


def replaced_exchange(
    arguments: Mapping[str, Any], kind: str = "topic", *, durable: bool = True
) -> Break:
    """Return what replaces the exchange of events."""

    def replace(channel: BlockingChannel, service: str) -> None:
        name = f"{service}.events"
        channel.exchange_delete(name)
        channel.exchange_declare(name, kind, durable=durable, arguments=dict(arguments))

    return replace


QUORUM = {"x-queue-type": "quorum"}

BREAKS: list[tuple[str, Break, str]] = [
    (
        "exchange gone",
        lambda c, s: c.exchange_delete(f"{s}.events"),
        "exchange {}.events is missing",
    ),
    (
        "exchange for putting aside gone",
        lambda c, s: c.exchange_delete(f"{s}.inbox.aside"),
        "exchange {}.inbox.aside is missing",
    ),
    (
        "parking queue not bound",
        lambda c, s: c.queue_unbind(f"{s}.inbox.parked", f"{s}.inbox.aside", f"{s}.inbox.parked"),
        "queue {}.inbox.parked is not bound to {}.inbox.aside by {}.inbox.parked",
    ),
    ("no alternate exchange", replaced_exchange({}), "exchange {}.events lacks alternate-exchange"),
    (
        "another one",
        replaced_exchange({"alternate-exchange": "x"}),
        "has alternate-exchange 'x', not",
    ),
    (
        "exchange type",
        replaced_exchange({}, "fanout"),
        "exchange {}.events is of type fanout, not topic",
    ),
    ("not durable", replaced_exchange({}, durable=False), "exchange {}.events is not durable"),
    (
        "queue gone",
        lambda c, s: c.queue_delete(f"{s}.inbox.parked"),
        "queue {}.inbox.parked is missing",
    ),
    (
        "queue type",
        replaced_queue("unrouted", {}),
        "queue {}.unrouted has x-queue-type 'classic', not 'quorum'",
    ),
    ("no delivery limit", replaced_queue("inbox", QUORUM), "queue {}.inbox lacks x-delivery-limit"),
    (
        "other limit",
        replaced_queue("inbox", QUORUM | {"x-delivery-limit": 2}),
        "has x-delivery-limit 2, not 1000",
    ),
    (
        "other delay",
        replaced_queue("inbox.retry.5s", QUORUM | {"x-message-ttl": 1}),
        "has x-message-ttl 1, not 5000",
    ),
    (
        "a length",
        replaced_queue("unrouted", QUORUM | {"x-max-length": 9}),
        "has x-max-length 9, which is not declared",
    ),
    (
        "binding gone",
        lambda c, s: c.queue_unbind(f"{s}.inbox", "payments.events", "payments.payment.captured"),
        "queue {}.inbox is not bound to payments.events by payments.payment.captured",
    ),
    (
        "binding of the unrouted gone",
        lambda c, s: c.queue_unbind(f"{s}.unrouted", f"{s}.unrouted", ""),
        "queue {}.unrouted is not bound to {}.unrouted",
    ),
    (
        "an event without handler",
        lambda c, s: c.queue_bind(f"{s}.inbox", "payments.events", "payments.#"),
        "{}.inbox gets payments.# from payments.events: there is no handler for it",
    ),
    (
        "an event that nobody publishes",
        lambda c, s: c.queue_bind(f"{s}.inbox.parked", f"{s}.events", "ordering.order.plaecd"),
        "{}.inbox.parked waits for ordering.order.plaecd of {}.events, which nobody publishes",
    ),
]


@pytest.mark.parametrize(
    ("damage", "sentence"), [each[1:] for each in BREAKS], ids=[each[0] for each in BREAKS]
)
def test_each_fault_is_named(service: Container[Any], damage: Break, sentence: str) -> None:
    name = service.settings.service_name
    with channel_of(service) as channel:
        damage(channel, name)
    result = run("check", "--allow-unconsumed")
    assert result.exit_code == 1
    assert sentence.replace("{}", name) in result.output


def test_the_plan_makes_nothing(service: Container[Any]) -> None:
    name = service.settings.service_name
    with channel_of(service) as channel:
        channel.queue_delete(f"{name}.inbox.parked")
    result = run("declare", "--dry-run")
    assert (result.exit_code, "Nothing was created." in result.output) == (0, True)
    assert f"queue {name}.inbox.parked is missing" in run("check").output
    run("declare")
    assert "parked is missing" not in run("check").output


def test_without_an_answer_it_says_what_to_do(
    service: Container[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    del service
    monkeypatch.setenv("RABBITMQ_MANAGEMENT_URL", "http://127.0.0.1:9")
    result = run("check")
    assert result.exit_code == 1
    advice = "RABBITMQ_MANAGEMENT_URL leads to 127.0.0.1:9: is `make run` running?"
    assert advice in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("url", "management"),
    [
        ("amqp://u:p@127.0.0.1:5673/%2F", "http://127.0.0.1:15673"),
        ("amqp://localhost", "http://localhost:15672"),
        ("amqps://u:p@b-1.mq.eu-west-1.amazonaws.com:5671", "https://b-1.mq.eu-west-1.amazonaws.com"),
        ("amqp://[::1]:5672", "http://[::1]:15672"),
    ],
)  # fmt: skip
def test_the_management_api_is_looked_for_where_it_usually_is(url: str, management: str) -> None:
    assert usual_url(url) == management


@pytest.mark.usefixtures("service")
def test_each_key_is_explained() -> None:
    result = run("advise")
    assert result.exit_code == 0
    assert "publishes ordering.order.placed.v1" in result.output
    assert "consumes payments.payment.captured.v1" in result.output
    assert "ordering.order.*" in result.output


WARNED: list[tuple[str, str]] = [
    ("ordering.placed.v1", "does not have the form"),
    ("sales.order.placed.v1", "does not begin with ordering"),
    ("ordering.basket.placed.v1", "is not an aggregate"),
    ("ordering.order.Placed.v1", "lower case"),
    ("ordering.order.shipped.v1", "suggests placed"),
    ("ordering.order.place.v1", "past tense"),
    (f"ordering.order.{'x' * 250}.v1", "255 bytes"),
]


@pytest.mark.parametrize(("wire_type", "warning"), WARNED)
def test_a_key_that_leaves_the_convention_is_warned_of(wire_type: str, warning: str) -> None:
    event = type("OrderPlacedV1", (OrderPlacedV1,), {"wire_type": wire_type}, frozen=True)
    warnings = advise_on(event, "ordering", ["order", "product"]).warnings
    assert any(warning in each for each in warnings), warnings


def test_a_good_key_is_not_warned_of() -> None:
    assert advise_on(OrderPlacedV1, "ordering", ["order", "product"]).warnings == ()


def test_an_aggregate_of_several_words_is_left_out_of_what_happened() -> None:
    event = type(
        "GiftCardSoldV1", (OrderPlacedV1,), {"wire_type": "x.gift_card.sold.v1"}, frozen=True
    )
    assert advise_on(event, "x", ["gift_card"]).warnings == ()
