"""Connections to RabbitMQ over which any message can be received."""

import copy
import struct
import time
from collections.abc import Sequence

import pika
from pika.adapters.utils.connection_workflow import AMQPConnectorException
from pika.exceptions import AMQPError, AuthenticationError, ProbableAuthenticationError
from pika.frame import Frame, Header, ProtocolHeader, decode_frame
from pika.spec import FRAME_END_SIZE, FRAME_HEADER, FRAME_HEADER_SIZE

from carafe.contracts.addresses import addresses_of_nodes, is_broker_address
from carafe.infrastructure.errors import BusLoginRefused, BusUnavailable

from .amqp_values import ForeignProperties

HEARTBEAT_SECONDS = 60
CONNECT_TIMEOUT_SECONDS = 3
BLOCKED_TIMEOUT_SECONDS = 20
SHORTEST_TIMEOUT_SECONDS = 0.1

BROKER_ERRORS = (AMQPError, AMQPConnectorException, OSError)
"""What pika raises when the broker refuses something, or cannot be reached."""

LOGIN_REFUSED_ADVICE = "The broker refuses the login; check the password in RABBITMQ_URL."

LOGIN_REFUSED = (AuthenticationError, ProbableAuthenticationError)
"""What pika raises when the broker refuses the login."""

_FRAME = struct.Struct(">BHI")
_CONTENT = struct.Struct(">HHQ")


class _ForeignConnection(pika.SelectConnection):
    """Decodes the properties of messages without ever failing."""

    def _read_frame(self) -> tuple[int, Frame | ProtocolHeader | None]:
        buffer = self._frame_buffer
        if buffer[:1] != bytes([FRAME_HEADER]) or len(buffer) < FRAME_HEADER_SIZE:
            return decode_frame(buffer)
        _, channel, size = _FRAME.unpack_from(buffer)
        end = FRAME_HEADER_SIZE + size
        if len(buffer) < end + FRAME_END_SIZE:
            return 0, None
        content = buffer[FRAME_HEADER_SIZE:end]
        _, _, body_size = _CONTENT.unpack_from(content)
        properties = ForeignProperties().decode(content, _CONTENT.size)  # type: ignore[no-untyped-call]
        return end + FRAME_END_SIZE, Header(channel, body_size, properties)


def parameters_of(
    url: str, heartbeat_seconds: int = HEARTBEAT_SECONDS
) -> tuple[pika.URLParameters, ...]:
    """Return the parameters of a connection to each node that an address names.

    Args:
        url: of the broker.
        heartbeat_seconds: the interval of the heartbeats.

    Raises:
        ValueError: the URL is malformed; pika would fill in localhost.
    """
    if not is_broker_address(url):
        raise ValueError("The broker's URL must be amqp://user:password@host:port/vhost, or amqps.")
    return tuple(_parameters(each, heartbeat_seconds) for each in addresses_of_nodes(url))


def _parameters(url: str, heartbeat_seconds: int) -> pika.URLParameters:
    parameters = pika.URLParameters(url)
    parameters.heartbeat = heartbeat_seconds
    parameters.socket_timeout = CONNECT_TIMEOUT_SECONDS
    parameters.stack_timeout = 2 * CONNECT_TIMEOUT_SECONDS
    parameters.blocked_connection_timeout = BLOCKED_TIMEOUT_SECONDS
    return parameters


def connect(nodes: Sequence[pika.URLParameters]) -> pika.BlockingConnection:
    """Return a connection for receiving messages, whoever published them.

    Args:
        nodes: of the broker, in the order in which they are tried.

    Raises:
        BusUnavailable: there is no connection.
        BusLoginRefused: the broker refuses the login.
    """
    try:
        return pika.BlockingConnection(nodes, _ForeignConnection)  # type: ignore[arg-type]
    except LOGIN_REFUSED as error:
        raise BusLoginRefused(LOGIN_REFUSED_ADVICE) from error
    except BROKER_ERRORS as error:
        raise BusUnavailable(f"No connection to the broker: {type(error).__name__}.") from error


def with_timeouts(parameters: pika.URLParameters, deadline: float) -> pika.URLParameters:
    """Return parameters with which an attempt to connect ends by the deadline."""
    remaining = max(SHORTEST_TIMEOUT_SECONDS, deadline - time.monotonic())
    limited = copy.copy(parameters)
    limited.socket_timeout = min(parameters.socket_timeout or remaining, remaining)
    limited.stack_timeout = min(parameters.stack_timeout or remaining, remaining)
    return limited
