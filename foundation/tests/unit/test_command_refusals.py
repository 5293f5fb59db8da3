"""The event that tells a sender that its command is refused."""

import msgspec

from carafe.contracts.envelope import ReceivedEvent
from carafe.domain.errors import NotFound
from carafe.infrastructure.cqrs.refusals import refusal_of
from carafe.testing.inbound import an_event


def refusal_id(command: dict[str, object]) -> str:
    body = msgspec.json.encode(command)
    received = msgspec.json.decode(body, type=ReceivedEvent)
    return refusal_of(received, body, NotFound("card", "c-1"), "members").id


def test_the_refusal_of_a_repeat_is_the_same_and_that_of_a_resumption_another() -> None:
    """A process sends a command once more under its id; when it was sent differs."""
    command = an_event("members.card.block.v1", data={}, time="2026-01-05T12:00:00.000Z")
    resent = command | {"time": "2026-01-05T12:00:00.001Z"}
    other = command | {"id": "another"}
    assert refusal_id(command) == refusal_id(dict(command))
    assert len({refusal_id(each) for each in (command, resent, other)}) == 3
