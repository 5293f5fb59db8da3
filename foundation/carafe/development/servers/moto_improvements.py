"""What moto does too slowly, or not safely, when a server passes it concurrent requests.

In moto 5.2.5, a request takes longer the more messages a queue has, names are computed for every
request, and concurrent requests lose messages. A send to a queue of 3,000 messages took 83 ms, and
takes about 1 ms now.
"""

import functools
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from moto.core import responses
from moto.sqs import models

# Untyped, because parts of them are replaced.
core: Any = responses
sqs: Any = models

COUNTS = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
]
SERIALIZED_METHODS = [
    "send_message",
    "send_message_batch",
    "receive_message",
    "delete_message",
    "delete_message_batch",
    "change_message_visibility",
    "change_message_visibility_batch",
    "purge_queue",
]
LONG_POLL_STEP_SECONDS = 0.5

_lock = threading.RLock()


def improve_moto() -> None:
    """Make requests fast whatever the size of a queue, and safe when concurrent."""
    # Sends and receives read one attribute but compute all, and so count the queue three times.
    sqs.Queue.BASE_ATTRIBUTES = [name for name in sqs.Queue.BASE_ATTRIBUTES if name not in COUNTS]
    sqs.SQSBackend.get_queue_attributes = _with_counts_on_demand(
        sqs.SQSBackend.get_queue_attributes
    )
    # A receive looks at all messages of the queue before it takes the first ones.
    sqs.Queue.messages = property(_visible_messages)
    sqs.Queue.approximate_number_of_messages = property(lambda queue: len(list(queue.messages)))
    # Every message of a queue is compared with the time, which moto computes from a datetime.
    sqs.unix_time = time.time
    sqs.unix_time_millis = lambda: time.time() * 1000
    # The names of operations and attributes are converted for every request.
    core.camelcase_to_underscores = functools.cache(core.camelcase_to_underscores)
    core.method_names_from_class = functools.cache(core.method_names_from_class)
    sqs.camelcase_to_underscores = core.camelcase_to_underscores
    # A delete replaces the list of messages, and loses those that another thread adds meanwhile.
    for name in SERIALIZED_METHODS:
        setattr(sqs.SQSBackend, name, _serialized(getattr(sqs.SQSBackend, name)))
    # One lock for all queues; long polls release it while they wait for their own queue.
    sqs.Condition = lambda: threading.Condition(_lock)
    sqs.Queue.wait_for_messages = _wait_for_messages


def _wait_for_messages(queue: Any, _timeout: int) -> None:  # noqa: ANN401 - moto's
    queue._messages_lock.wait(LONG_POLL_STEP_SECONDS)  # noqa: SLF001


def _visible_messages(queue: Any) -> Iterator[Any]:  # noqa: ANN401 - moto's
    for message in queue._messages:  # noqa: SLF001
        if message.visible and not message.delayed:
            yield message


def _with_counts_on_demand(
    original: Callable[..., dict[str, Any]],
) -> Callable[..., dict[str, Any]]:
    def get_queue_attributes(self: Any, queue_name: str, names: list[str]) -> dict[str, Any]:  # noqa: ANN401 - moto's backend
        others = [name for name in names if name not in COUNTS]
        attributes = dict(original(self, queue_name, others))
        for name in COUNTS:
            if name in names or "All" in names:
                field = sqs.camelcase_to_underscores(name)
                attributes[name] = getattr(self.get_queue(queue_name), field)
        return attributes

    return get_queue_attributes


def _serialized(original: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(original)
    def guarded(*arguments: object, **named: object) -> object:
        with _lock:
            return original(*arguments, **named)

    return guarded
