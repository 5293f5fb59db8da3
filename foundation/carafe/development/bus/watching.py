"""The messages that pass through exchanges, as another queue sees them."""

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel

from carafe.infrastructure.errors import BusUnavailable
from carafe.infrastructure.event_bus.amqp_values import text_of
from carafe.infrastructure.event_bus.connections import BROKER_ERRORS, connect, parameters_of
from carafe.infrastructure.event_bus.topology import Topology

POLL_SECONDS = 0.5

MOST_WAITING = 10_000
"""Messages that wait to be shown; the oldest of more are dropped, so that no broker is filled."""

_VERSION = re.compile(r"\.v\d+$")
"""The end of a wire type, which is no part of its routing key."""


@dataclass(frozen=True)
class PassingMessage:
    """A message as a queue beside all others receives it.

    Attributes:
        exchange: to which it was published.
        routing_key: with which it was published.
        body: as it was sent.
    """

    exchange: str
    routing_key: str
    body: bytes

    @property
    def envelope(self) -> dict[str, Any]:
        """The CloudEvent; empty if the body is none."""
        try:
            envelope = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return envelope if isinstance(envelope, dict) else {}


@contextmanager
def watched(
    url: str, topology: Topology, patterns: Sequence[str]
) -> Iterator[Iterator[PassingMessage | None]]:
    """Open a queue of one's own beside all others; it is deleted at the end.

    Args:
        url: of the broker.
        topology: names the exchanges: of the service, and of those whose messages it receives.
        patterns: of routing keys or wire types; `*` stands for one word, `#` for any number.

    Returns:
        The messages from now on; None now and then, while there are none.

    Raises:
        BusUnavailable: the broker cannot be reached, or an exchange is missing.
    """
    try:
        with connect(parameters_of(url)) as connection:
            channel = connection.channel()
            yield _messages(channel, _bound_queue(channel, topology, patterns))
    except BROKER_ERRORS as error:
        raise BusUnavailable(
            f"The broker cannot be watched ({type(error).__name__}): is it there, and has "
            "`carafe bus declare` created the exchanges?"
        ) from error


def _bound_queue(channel: BlockingChannel, topology: Topology, patterns: Sequence[str]) -> str:
    bounds = {"x-max-length": MOST_WAITING}
    queue: str = channel.queue_declare("", exclusive=True, arguments=bounds).method.queue
    for exchange in topology.exchanges:
        if exchange.kind == "topic":
            for pattern in patterns:
                channel.queue_bind(queue, exchange.name, _VERSION.sub("", pattern))
    return queue


def _messages(channel: BlockingChannel, queue: str) -> Iterator[PassingMessage | None]:
    for method, _, body in channel.consume(queue, auto_ack=True, inactivity_timeout=POLL_SECONDS):
        if method is None or body is None:
            yield None
        else:
            yield PassingMessage(text_of(method.exchange), text_of(method.routing_key), body)
