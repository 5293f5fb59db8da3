"""A bus on scripted brokers, and what is published over it."""

import time
from collections.abc import Sequence
from typing import Any

from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus

from .scripted_broker import (
    METHODS,
    Answer,
    Frame,
    ScriptedBroker,
    Sent,
    acknowledged,
    of_connection,
)

REFUSED = {"Connection.StartOk": of_connection(METHODS.Connection.Close(403, "NO", 0, 0))}
"""Of a broker that refuses the login."""


def a_bus(*urls: str, **options: Any) -> RabbitMQBus:  # noqa: ANN401 - any argument
    nodes = ",".join(each.removeprefix("amqp://guest:guest@").removesuffix("/%2F") for each in urls)
    return RabbitMQBus(f"amqp://guest:guest@{nodes}/%2F", "lending", **options)


def messages(*names: str) -> list[Message]:
    return [Message(each, f"{each}.v1", each, b"{}") for each in names]


def publish(bus: RabbitMQBus, *names: str) -> list[Outcome]:
    outcomes = bus.publish(messages(*names), time.monotonic() + 10)
    assert list(outcomes) == list(names)
    return list(outcomes.values())


def connections(broker: ScriptedBroker) -> int:
    return broker.heard.count("Connection.StartOk")


def dying(*answers: Sequence[Frame] | None) -> Answer:
    """Return an answer that is scripted for the first messages; None for an acknowledgement."""
    scripted = iter(answers)

    def answer(tag: int, sent: Sent) -> Sequence[Frame]:
        given = next(scripted, None)
        return acknowledged(tag, sent) if given is None else given

    return answer
