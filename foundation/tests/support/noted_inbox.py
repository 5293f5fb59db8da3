"""An inbox of a post office over a bus that notes what is put aside, and answers at once."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from carafe.contracts.integration_events import IntegrationEvent
from carafe.infrastructure.cqrs.delivery import Delivery
from carafe.infrastructure.cqrs.inbox import Inbox
from carafe.infrastructure.cqrs.invocation import Invocation
from carafe.infrastructure.event_bus.memory import MemoryBus
from carafe.infrastructure.event_bus.port import Message, Outcome

from .two_services import contracts

TOLD = contracts("lending", "post")


class NotingBus(MemoryBus):
    """Confirms what is put aside, unless told otherwise, and notes it.

    Attributes:
        calls: everything, in waves.
    """

    def __init__(self, *refused: Callable[[Message], bool]) -> None:
        super().__init__()
        self.calls: list[list[Message]] = []
        self.deadlines: set[float] = set()
        self._refused = refused

    def publish(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        return self.send(messages, deadline)

    def send(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        self.calls.append(list(messages))
        self.deadlines.add(deadline)
        assert len({each.id for each in messages}) == len(messages)
        return {
            each.id: Outcome.NACKED
            if any(is_refused(each) for is_refused in self._refused)
            else Outcome.CONFIRMED
            for each in messages
        }

    @property
    def aside(self) -> list[Message]:
        """All messages."""
        return [each for wave in self.calls for each in wave]


def an_event(number: int = 1, **attributes: Any) -> dict[str, Any]:  # noqa: ANN401 - any attribute
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "/lending",
        "type": "lending.loan.overdue.v1",
        "data": {"reader": "maria"},
        **attributes,
    }


def a_command(**attributes: Any) -> dict[str, Any]:  # noqa: ANN401 - any attribute
    data = {"reader": "maria", "text": "Hurry."}
    return an_event(**{"type": "post.letter.send.v1", "data": data, **attributes})


def a_delivery(content: object, **headers: Any) -> Delivery:  # noqa: ANN401 - any header
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    name = f"m-{content['id']}" if isinstance(content, dict) else "m"
    return Delivery(
        body=body, message_id=name, type="a type", content_type="text/x", headers=headers
    )


def an_inbox(
    bus: MemoryBus,
    handle: Callable[[Invocation], object],
    *,
    ignored: frozenset[str] = frozenset(),
    subscribed: Sequence[type[IntegrationEvent]] = (TOLD.overdue, TOLD.received),
) -> Inbox:
    return Inbox("post", handle, bus, subscribed, {}, ignored=ignored)


def failing(error: Exception) -> Callable[[Invocation], object]:
    def handle(_: Invocation) -> object:
        raise error

    return handle
