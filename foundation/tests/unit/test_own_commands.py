"""What fits into a batch of the service's own commands, to the byte and to the moment."""

from collections.abc import Mapping
from typing import Any

import pytest

from carafe.infrastructure.aws.batches import MOST_IN_A_BATCH
from carafe.infrastructure.event_bus.port import Message, Outcome
from carafe.infrastructure.outbox import own_commands
from carafe.infrastructure.outbox.own_commands import LARGEST_BATCH, OwnCommands
from tests.support.stopped_time import PRESENT, stop_time


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    stop_time(own_commands, monkeypatch)


class Sqs:
    """Takes everything.

    Attributes:
        sizes: of the messages in each batch.
    """

    def __init__(self) -> None:
        self.sizes: list[list[int]] = []

    def send_message_batch(self, **arguments: Any) -> Mapping[str, Any]:  # noqa: ANN401 - any JSON
        entries = arguments["Entries"]
        self.sizes.append([len(each["MessageBody"]) for each in entries])
        return {"Successful": [{"Id": each["Id"]} for each in entries], "Failed": []}


def batches(*sizes: int, deadline: float = PRESENT) -> list[list[int]]:
    sqs = Sqs()
    messages = [Message(f"m-{number}", "t", "t", b"x" * size) for number, size in enumerate(sizes)]
    outcomes = OwnCommands(sqs, "http://queue").send(messages, deadline)
    sent = sum(map(len, sqs.sizes))
    expected = [Outcome.CONFIRMED] * sent + [Outcome.UNKNOWN] * (len(sizes) - sent)
    assert list(outcomes.values()) == expected
    return sqs.sizes


def test_a_batch_is_filled_to_the_byte() -> None:
    assert batches(LARGEST_BATCH - 1, 1) == [[LARGEST_BATCH - 1, 1]]
    assert batches(LARGEST_BATCH - 1, 2) == [[LARGEST_BATCH - 1], [2]]
    assert batches(LARGEST_BATCH, LARGEST_BATCH - 1, 1, 1) == [
        [LARGEST_BATCH],
        [LARGEST_BATCH - 1, 1],
        [1],
    ]


def test_a_batch_has_as_many_messages_as_sqs_takes() -> None:
    assert [len(each) for each in batches(*[2] * (2 * MOST_IN_A_BATCH + 1))] == [
        MOST_IN_A_BATCH,
        MOST_IN_A_BATCH,
        1,
    ]
    assert batches() == []


def test_at_the_deadline_a_batch_is_still_sent_and_none_after_it() -> None:
    assert batches(2, deadline=PRESENT) == [[2]]
    assert batches(2, deadline=PRESENT - 0.001) == []
