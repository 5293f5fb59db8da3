"""The events that arrive in a queue bound to an exchange."""

import json
import threading
import time
from collections.abc import Collection
from types import TracebackType
from typing import Self

import pika
from pika.adapters.blocking_connection import BlockingChannel

POLL_SECONDS = 0.005
PREFETCH = 1_000


class Arrivals:
    """Receives all events of an exchange in a thread, while the block runs.

    Args:
        rabbitmq_url: where the broker is.
        exchange: of the events.
        queue: a quorum queue for them; it is made.

    Attributes:
        times: when the first event of each aggregate came, on the clock of `time.monotonic`.
    """

    def __init__(self, rabbitmq_url: str, exchange: str, queue: str) -> None:
        self.times: dict[str, float] = {}
        self._url = rabbitmq_url
        self._exchange = exchange
        self._queue = queue
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._receive)

    def __enter__(self) -> Self:
        self._connection = pika.BlockingConnection(pika.URLParameters(self._url))
        self._channel = self._connection.channel()
        self._channel.queue_declare(self._queue, durable=True, arguments={"x-queue-type": "quorum"})
        self._channel.queue_bind(self._queue, self._exchange, "#")
        self._thread.start()
        return self

    def __exit__(
        self,
        _error_type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()
        self._connection.close()

    def wait_for(self, identifiers: Collection[str], seconds: float) -> int:
        """Wait for the events of aggregates, and return how many of them have none."""
        missing = set(identifiers)
        deadline = time.monotonic() + seconds
        while True:
            missing -= self.times.keys()
            if not missing or time.monotonic() > deadline:
                return len(missing)
            time.sleep(POLL_SECONDS)

    def last(self, identifiers: Collection[str]) -> float:
        """Return when the last of some events came; 0 for none."""
        return max((self.times[each] for each in identifiers), default=0.0)

    def _receive(self) -> None:
        channel: BlockingChannel = self._channel
        channel.basic_qos(prefetch_count=PREFETCH)
        for method, _properties, body in channel.consume(
            self._queue, auto_ack=True, inactivity_timeout=0.2
        ):
            if body is not None and method is not None:
                self.times.setdefault(json.loads(body)["subject"], time.monotonic())
            if self._stopping.is_set():
                return
