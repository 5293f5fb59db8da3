"""Queues of SQS and what Lambda does with them: deliver, again if need be, never lose a command."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .network import LATENCY, Network

VISIBILITY_SECONDS = 60.0
LARGEST_BATCH = 10


class QueueUnreachable(Exception):
    """SQS does not answer."""


@dataclass(slots=True, eq=False)
class QueueMessage:
    """A message of SQS."""

    id: str
    body: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    visible_at: float = 0.0


Invoke = Callable[[Sequence[QueueMessage], Callable[[list[str]], None]], None]
"""Invokes a function with a batch; what it is given is called with the ids that come again."""


class Queue:
    """One queue, and the function that it triggers.

    Args:
        name: of the queue.
        network: on which messages are late.
        invoke: the function.
        is_droppable: says of a body whether its loss must do no harm: a nudge's.
    """

    def __init__(
        self, name: str, network: Network, invoke: Invoke, is_droppable: Callable[[str], bool]
    ) -> None:
        self.name = name
        self.messages: dict[str, QueueMessage] = {}
        self._network = network
        self._invoke = invoke
        self._is_droppable = is_droppable
        self._count = 0

    def put(self, body: str, delay: float, attributes: Mapping[str, Any]) -> None:
        """Take a message; it may come late, twice, or, if it is a nudge, never."""
        fault = self._network.fault("queue")
        kind = fault.kind if fault else ""
        if kind == "dropped" and self._is_droppable(body):
            self._network.tell(f"loses {body}", f"queue {self.name}")
            return
        if fault and kind == "late":
            delay += 120 * fault.size**3
        self._add(body, delay, attributes)
        if fault and kind == "doubled":
            self._network.tell(f"doubles {body}", f"queue {self.name}")
            self._add(body, delay + 30 * fault.size**2, attributes)

    def postpone(self, identifier: str, seconds: float) -> None:
        """Decide when a message comes again."""
        if message := self.messages.get(identifier):
            self._make_visible(message, seconds)

    def _add(self, body: str, delay: float, attributes: Mapping[str, Any]) -> None:
        self._count += 1
        message = QueueMessage(f"{self.name}-{self._count}", body, attributes)
        self.messages[message.id] = message
        self._make_visible(message, delay)

    def _make_visible(self, message: QueueMessage, delay: float) -> None:
        message.visible_at = self._network.loop.now + delay
        self._network.loop.call_later(delay + LATENCY, self._deliver)

    def _deliver(self) -> None:
        now = self._network.loop.now
        batch = [each for each in self.messages.values() if each.visible_at <= now]
        if batch := batch[:LARGEST_BATCH]:
            for each in batch:
                self._make_visible(each, VISIBILITY_SECONDS)
            self._invoke(batch, lambda failed: self._settle(batch, failed))

    def _settle(self, batch: Sequence[QueueMessage], failed: list[str]) -> None:
        for each in batch:
            if each.id not in failed:
                self.messages.pop(each.id, None)


class Sqs:
    """Stands for `carafe.infrastructure.aws.services.Sqs`.

    Args:
        queues: by name, which is the last part of the address.
        network: on which calls fail.
    """

    def __init__(self, queues: Mapping[str, Queue], network: Network) -> None:
        self._queues = queues
        self._network = network

    def send_message(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
        """Send a message."""
        if not self._send(arguments["QueueUrl"], [arguments]):
            raise QueueUnreachable
        return {"MessageId": "simulated"}

    def send_message_batch(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - the same
        """Send messages; the last of them may be refused."""
        entries = arguments["Entries"]
        taken = self._send(arguments["QueueUrl"], entries)
        return {
            "Successful": [{"Id": each["Id"]} for each in entries[:taken]],
            "Failed": [{"Id": each["Id"], "Code": "simulated"} for each in entries[taken:]],
        }

    def change_message_visibility(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - the same
        """Decide when a message comes again."""
        if self._network.leave("send", "postpone a message") == "refused":
            raise QueueUnreachable
        queue = self._queues[arguments["QueueUrl"].rpartition("/")[2]]
        queue.postpone(arguments["ReceiptHandle"], arguments["VisibilityTimeout"])
        return {}

    def get_queue_url(self, **arguments: Any) -> dict[str, Any]:  # noqa: ANN401 - the same
        """Return the address of a queue."""
        return {"QueueUrl": f"https://sqs/{arguments['QueueName']}"}

    def close(self) -> None:
        """Nothing to close."""

    def _send(self, url: str, messages: Sequence[Mapping[str, Any]]) -> int:
        """Send messages, and return how many of them were taken."""
        queue = self._queues[url.rpartition("/")[2]]
        doing = f"send to {queue.name}: {' '.join(each['MessageBody'] for each in messages)}"
        fault = self._network.leave("send", doing)
        if fault == "refused":
            self._network.tell(f"cannot {doing}")
            raise QueueUnreachable
        taken = len(messages) // 2 if fault == "in part" else len(messages)
        for each in messages[:taken]:
            attributes = each.get("MessageAttributes", {})
            queue.put(each["MessageBody"], each.get("DelaySeconds", 0), attributes)
        self._network.tell(f"does {doing}")
        if fault == "killed after":
            self._network.kill("before the answer")
        if fault == "reply lost":
            self._network.tell("does not get the answer")
            raise QueueUnreachable
        return taken
