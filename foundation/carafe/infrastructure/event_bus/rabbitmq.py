"""The event bus on RabbitMQ."""

import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from pika import BlockingConnection, URLParameters
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker

from carafe.contracts.integration_events import IntegrationEvent
from carafe.infrastructure.errors import BusLoginRefused, BusUnavailable, SecretsUnavailable
from carafe.infrastructure.settings import BadSettings

from .connections import BROKER_ERRORS, HEARTBEAT_SECONDS, connect, parameters_of, with_timeouts
from .depths import depths_of
from .names import aside_exchange, commands_exchange, events_exchange
from .port import Message, Outcome, QueueDepth
from .publisher import Publisher
from .subscription import RabbitMQSubscription
from .topology import declare, topology_of

R = TypeVar("R")

log = logging.getLogger(__name__)

# pika logs each failure several times, with the broker's address; we log it once, without.
logging.getLogger("pika").setLevel(logging.CRITICAL)

SHORT_HEARTBEAT_SECONDS = 5

ACCESS_REFUSED = 403
"""The broker's reply when a user may not do something (AMQP 0-9-1, section 1.2)."""

# A function may be frozen between two invocations, while the broker closes its connection;
# afterwards the socket still looks open. A connection idle for this long is replaced.
LONGEST_IDLE_SECONDS = 20


class RabbitMQBus:
    """Implements the port `EventBus`.

    Args:
        url: of the broker, `amqp://user:password@host:port/vhost`, or amqps; several hosts are
            separated by commas, and each is tried while the others do not answer.
        service: whose events and commands are published; names the exchanges.
        clock: in seconds; the wall clock, since it runs while a function is frozen.
        renewed_url: returns the URL anew when the broker refuses the login, since the password
            may have been changed. Without it, the error is raised at once.
        heartbeat_seconds: the broker gives up a connection that is silent for twice as long.

    Raises:
        ValueError: the URL is malformed.
    """

    def __init__(
        self,
        url: str,
        service: str,
        clock: Callable[[], float] = time.time,
        renewed_url: Callable[[], str] | None = None,
        heartbeat_seconds: int = HEARTBEAT_SECONDS,
    ) -> None:
        self._nodes = deque(parameters_of(url, heartbeat_seconds))
        self._heartbeat_seconds = heartbeat_seconds
        self._renewed_url = renewed_url
        self.service = service
        self._publisher: Publisher | None = None
        self._clock = clock
        self._last_used = 0.0
        self._exchange_missing = False

    def publish(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Publish events, as `EventBus.publish`."""
        return self._publish(events_exchange(self.service), messages, deadline)

    def publish_commands(
        self, messages: Sequence[Message], deadline: float
    ) -> Mapping[str, Outcome]:
        """Publish commands, as `EventBus.publish_commands`."""
        exchange = commands_exchange(self.service)
        outcomes = self._publish(exchange, messages, deadline)
        if self._exchange_missing and Outcome.UNKNOWN in outcomes.values():
            # Not raised: the events of other documents go on.
            log.error("commands wait: %s", _missing(exchange))
        return outcomes

    def send(self, messages: Sequence[Message], deadline: float) -> Mapping[str, Outcome]:
        """Put messages into the inbox's queues, as `EventBus.send`.

        Raises:
            BusUnavailable: the exchange is missing, or no connection could be made by the deadline.
        """
        exchange = aside_exchange(self.service)
        outcomes = self._publish(exchange, messages, deadline)
        if self._exchange_missing and Outcome.UNKNOWN in outcomes.values():
            raise BusUnavailable(_missing(exchange))
        return outcomes

    def subscribe(self, patterns: Sequence[str], queue: str | None = None) -> RabbitMQSubscription:
        """Subscribe to future events, as `EventBus.subscribe`."""
        return RabbitMQSubscription(
            self._channel(),
            events_exchange(self.service),
            patterns,
            queue,
            self._heartbeat_seconds,
        )

    def depths(self, deadline: float) -> Mapping[str, QueueDepth]:
        """Return how much waits, as `EventBus.depths`."""

        def measured(parameters: URLParameters) -> Mapping[str, QueueDepth]:
            limited = with_timeouts(parameters, deadline)
            limited.heartbeat = SHORT_HEARTBEAT_SECONDS  # pika gives up a silent connection by it
            with connect([limited]) as connection:
                return depths_of(connection, self.service)

        try:
            return self._with_login(measured)
        except BROKER_ERRORS as error:
            raise BusUnavailable(f"The broker broke off: {type(error).__name__}.") from error

    def declare(
        self,
        subscribed_events: Sequence[type[IntegrationEvent]],
        *,
        own_events: Sequence[type[IntegrationEvent]] = (),
        sends_commands: bool = False,
    ) -> None:
        """Create the missing exchanges and queues, as `EventBus.declare`."""
        channel = self._channel()
        try:
            topology = topology_of(
                self.service,
                subscribed_events,
                own_events=own_events,
                sends_commands=sends_commands,
            )
            declare(channel, topology)
        except ChannelClosedByBroker as error:
            if error.reply_code != ACCESS_REFUSED:
                raise
            raise BusUnavailable(
                f"The broker refuses to let this user create what is missing: {error.reply_text}. "
                "An administrator creates it with `carafe bus grant`."
            ) from error
        finally:
            channel.connection.close()

    def close(self) -> None:
        """Close the publishing connection."""
        if self._publisher is not None:
            self._publisher.close()
            self._publisher = None

    def _publish(
        self, exchange: str, messages: Sequence[Message], deadline: float
    ) -> Mapping[str, Outcome]:
        is_reused = self._publisher is not None
        outcomes = self._publish_once(exchange, messages, deadline)
        unanswered = [each for each in messages if outcomes[each.id] is Outcome.UNKNOWN]
        if unanswered and is_reused and self._publisher is None and time.monotonic() < deadline:
            # The old connection had died unnoticed: once more, with the same ids.
            try:
                outcomes |= self._publish_once(exchange, unanswered, deadline)
            except BusUnavailable as error:
                if len(unanswered) == len(messages):
                    raise
                # Confirmed messages stay confirmed; the outcome of the others is unknown.
                log.warning("%d messages have no answer: %s", len(unanswered), error.message)
        return outcomes

    def _publish_once(
        self, exchange: str, messages: Sequence[Message], deadline: float
    ) -> dict[str, Outcome]:
        publisher = self._open_publisher(deadline)
        outcomes = publisher.publish(exchange, messages, deadline)
        self._last_used = self._clock()
        self._exchange_missing = publisher.exchange_missing
        if not publisher.is_usable:
            self.close()
        return outcomes

    def _open_publisher(self, deadline: float) -> Publisher:
        if self._clock() - self._last_used > LONGEST_IDLE_SECONDS:
            self.close()
        if self._publisher is None:
            self._publisher = self._connect(deadline)
        return self._publisher

    def _connect(self, deadline: float) -> Publisher:
        return self._with_login(lambda parameters: Publisher(parameters, deadline))

    def _channel(self) -> BlockingChannel:
        connection: BlockingConnection = self._with_login(lambda node: connect([node]))
        try:
            return connection.channel()
        except BROKER_ERRORS as error:
            raise BusUnavailable(f"No connection to the broker: {type(error).__name__}.") from error

    def _with_login(self, use: Callable[[URLParameters], R]) -> R:
        """Use the login; once more with the renewed one if the broker refuses it."""
        try:
            return self._with_node(use)
        except BusLoginRefused:
            if self._renewed_url is None:
                raise
        try:
            url = self._renewed_url()
        except (SecretsUnavailable, BadSettings) as error:
            raise BusUnavailable(
                "The broker refuses the login, and the settings cannot be read again."
            ) from error
        self._nodes = deque(parameters_of(url, self._heartbeat_seconds))
        return self._with_node(use)

    def _with_node(self, use: Callable[[URLParameters], R]) -> R:
        """Use the first node that answers, beginning with the one that did last."""
        for _ in range(len(self._nodes) - 1):
            try:
                return use(self._nodes[0])
            except BusLoginRefused:
                raise
            except BusUnavailable:
                self._nodes.rotate(-1)
        return use(self._nodes[0])


def _missing(exchange: str) -> str:
    return f"The exchange {exchange} does not exist; create it with `carafe bus declare`."
