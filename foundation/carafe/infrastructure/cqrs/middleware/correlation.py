"""Correlation: log lines and calls to other services say what they follow from."""

from collections.abc import Iterator
from contextlib import contextmanager

from carafe.contracts.correlation import correlation_context
from carafe.contracts.envelope import CommandContext
from carafe.infrastructure import logs


@contextmanager
def correlated(
    correlation_id: str, traceparent: str | None = None, causation_id: str | None = None
) -> Iterator[None]:
    """Attribute the log lines and outgoing calls of the block to what it follows from.

    Every way into the service opens this block, around its own log lines as well.

    Args:
        correlation_id: common to everything that follows from one first request.
        traceparent: W3C trace context, if there is one.
        causation_id: the command or event at hand; for log lines alone.
    """
    ids = {"correlation_id": correlation_id, "causation_id": causation_id}
    with (
        logs.context(**ids, traceparent=traceparent),
        correlation_context(correlation_id, traceparent),
    ):
        yield


@contextmanager
def correlated_by(context: CommandContext) -> Iterator[None]:
    """Attribute the log lines and outgoing calls of the block to a command, as `correlated`."""
    causation_id = context.causation_id or context.command_id
    with correlated(context.correlation_id, context.traceparent, causation_id):
        yield
