"""Commands that come through a queue: each takes effect once, and fails alone.

The nudges of timers come through the same queue.
"""

import logging
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from carafe.contracts.base import Command
from carafe.contracts.envelope import (
    Caller,
    CommandContext,
    QueuedCommand,
    correlation_id_in,
    traceparent_in,
)
from carafe.contracts.validation import read, read_json
from carafe.infrastructure.event_bus.names import RETRY_DELAYS_SECONDS
from carafe.infrastructure.identifiers import command_id, digest_of, new_id
from carafe.infrastructure.timers.nudges import TimerNudge, timer_nudge_in

from .failures import (
    NO_ATTEMPT,
    NO_ATTEMPT_SECONDS,
    UnknownMessage,
    code_of,
    detail_of,
    is_final,
)
from .invocation import Invocation
from .mediator import Mediator
from .middleware.correlation import correlated_by

log = logging.getLogger(__name__)

# With less time than this left, a command is not begun.
SHORTEST_COMMAND_SECONDS = 2.0

FAILURES = "failures"
"""The message attribute that counts them."""


class QueuedMessage(Struct, frozen=True):
    """A message as SQS hands it over.

    Attributes:
        id: SQS's own, for the batch's answer.
        receipt: SQS's name for this delivery.
        queue: name of the queue it came from.
        body: supposedly a `QueuedCommand` as JSON.
        failures: how often its handling failed before.
    """

    id: str
    receipt: str
    queue: str
    body: str
    failures: int = 0


class CommandQueue(Protocol):
    """The queue that commands come from."""

    def postpone(self, message: QueuedMessage, seconds: int) -> None:
        """Let a message come again so much later, as it is."""

    def hold_back(self, message: QueuedMessage, seconds: int) -> None:
        """Send a message again, so much later, with one more failure."""

    def park(self, message: QueuedMessage, reason: str, detail: str) -> None:
        """Put a message where an operator finds it."""


class QueuedCommands:
    """Executes queued commands.

    Args:
        mediator: knows the commands and handles them.
        queue: where they come from.
        call_timers: calls the timers that a nudge names, until a deadline on the clock of
            `time.monotonic`; returns whether there was time for all.
        service: the service's name.
    """

    def __init__(
        self,
        mediator: Mediator,
        queue: CommandQueue,
        call_timers: Callable[[TimerNudge, float], bool],
        service: str,
    ) -> None:
        self._mediator = mediator
        self._queue = queue
        self._service = service
        self._call_timers = call_timers

    def settle(self, messages: Sequence[QueuedMessage], deadline: float) -> list[str]:
        """Execute each command, or put it aside; call the timers that are due.

        Args:
            messages: in the order in which they came.
            deadline: on the clock of `time.monotonic`.

        Returns:
            The ids of the messages that must be delivered again.
        """
        return [each.id for each in messages if not self._settled(each, deadline)]

    def _settled(self, message: QueuedMessage, deadline: float) -> bool:
        if deadline - time.monotonic() < SHORTEST_COMMAND_SECONDS:
            return False
        if (nudge := timer_nudge_in(message.body)) is not None:
            return self._have_called(message, nudge, deadline)
        try:
            command, context = self._read(message.body)
        except Exception as error:  # noqa: BLE001 - held back or parked, with its reason
            return self._put_aside(message, error)
        with correlated_by(context):
            try:
                self._mediator.handle(Invocation.of(command, context))
            except Exception as error:  # noqa: BLE001 - held back or parked, with its reason
                return self._put_aside(message, error)
        return True

    def _have_called(self, message: QueuedMessage, nudge: TimerNudge, deadline: float) -> bool:
        try:
            return self._call_timers(nudge, deadline)
        except Exception as error:  # noqa: BLE001 - postponed or held back
            return self._put_aside(message, error)

    def _read(self, body: str) -> tuple[Command, CommandContext]:
        queued = read_json(QueuedCommand, body)
        contract = self._mediator.command_named(queued.command)
        if contract is None:
            raise UnknownMessage("There is no command of this name.")
        command = read(contract, queued.data)
        return command, context_of(queued, command, self._service)

    def _put_aside(self, message: QueuedMessage, error: Exception) -> bool:
        """Hold a message back or park it; return whether the queue may delete it."""
        fields = {"message_id": message.id, "reason": code_of(error)}
        try:
            if isinstance(error, NO_ATTEMPT):
                self._queue.postpone(message, NO_ATTEMPT_SECONDS)
                log.warning("command postponed", extra=fields)
                return False
            if is_final(error, message.failures):
                self._queue.park(message, code_of(error), detail_of(error))
                log.error("command parked", extra=fields)
                return True
            delay = RETRY_DELAYS_SECONDS[message.failures]
            self._queue.hold_back(message, delay)
            log.warning("command held back", extra={**fields, "delay_seconds": delay})
        except Exception as failure:  # noqa: BLE001 - it comes again by itself
            log.error("command not put aside", extra={**fields, "error": type(failure).__name__})  # noqa: TRY400 - no message
            return False
        return True


def context_of(queued: QueuedCommand, command: Command, service: str) -> CommandContext:
    """Return the context in which a queued command is handled.

    Args:
        queued: as it came.
        command: in it.
        service: the service's name.
    """
    return CommandContext(
        command_id=command_id(queued.subject, queued.id),
        digest=digest_of(command.wire_name, command),
        caller=Caller(subject=queued.subject, scopes=_scopes(queued, command, service)),
        correlation_id=correlation_id_in(queued.correlation_id) or new_id(),
        traceparent=traceparent_in(queued.traceparent),
    )


def _scopes(queued: QueuedCommand, command: Command, service: str) -> frozenset[str]:
    """Return what the sender names; without scopes a command may do nothing.

    The service itself did not name any before 1.0; those commands may still wait somewhere.
    """
    if queued.scopes is None and queued.subject == f"/{service}":
        return frozenset({command.scope})
    return frozenset(queued.scopes or ())
