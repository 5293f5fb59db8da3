"""A broker's login that cannot be read anew takes back no confirm."""

import time
from unittest.mock import Mock

import pytest

from carafe.infrastructure.errors import BusLoginRefused, BusUnavailable, SecretsUnavailable
from carafe.infrastructure.event_bus import rabbitmq
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.event_bus.rabbitmq import RabbitMQBus
from carafe.infrastructure.settings import BadSettings

MESSAGES = [Message(name, "a.b.c.v1", "a.b.c", b"{}") for name in ("first", "second")]


class DyingPublisher:
    """Publishes everything once; then the broker closes the connection between two messages."""

    exchange_missing = False

    def __init__(self, *_arguments: object) -> None:
        self.is_usable = True
        self._outcomes = iter([Outcome.CONFIRMED, Outcome.UNKNOWN])

    def publish(self, *_arguments: object) -> dict[str, Outcome]:
        second = next(self._outcomes)
        self.is_usable = second is Outcome.CONFIRMED
        return {"first": Outcome.CONFIRMED, "second": second}

    def close(self) -> None:
        """Nothing is open."""


def refuse_login(*_arguments: object) -> None:
    raise BusLoginRefused("The broker refuses the login.")


@pytest.fixture(params=[SecretsUnavailable("not now"), BadSettings(["RABBITMQ_URL is missing"])])
def bus(request: pytest.FixtureRequest) -> RabbitMQBus:
    """A bus whose login cannot be read again."""
    renewed_url = Mock(side_effect=request.param)
    return RabbitMQBus("amqp://u:p@host", "lending", renewed_url=renewed_url)


def test_the_bus_is_unavailable(monkeypatch: pytest.MonkeyPatch, bus: RabbitMQBus) -> None:
    monkeypatch.setattr(rabbitmq, "Publisher", refuse_login)
    with pytest.raises(BusUnavailable) as told:
        bus.publish(MESSAGES, time.monotonic() + 5)
    assert told.value.message == (
        "The broker refuses the login, and the settings cannot be read again."
    )


def test_a_confirm_stays_a_confirm(monkeypatch: pytest.MonkeyPatch, bus: RabbitMQBus) -> None:
    monkeypatch.setattr(rabbitmq, "Publisher", DyingPublisher)
    bus.publish(MESSAGES, time.monotonic() + 5)
    monkeypatch.setattr(rabbitmq, "Publisher", refuse_login)
    outcomes = bus.publish(MESSAGES, time.monotonic() + 5)
    assert outcomes == {"first": Outcome.CONFIRMED, "second": Outcome.UNKNOWN}
