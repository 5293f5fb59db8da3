"""Events that several parts of a service follow: each part handles them, and fails for itself."""

from collections.abc import Sequence

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.contracts.integration_events import IntegrationEvent
from carafe.contracts.received_commands import ReceivedCommand
from carafe.infrastructure.cqrs.failures import NO_ATTEMPT, is_hopeless
from carafe.infrastructure.cqrs.mediator import EventHandler
from carafe.infrastructure.errors import StoreUnavailable


def may_be_followed(contract: type) -> bool:
    """Return whether several parts may handle a message: an event, but no command."""
    return issubclass(contract, IntegrationEvent) and not issubclass(contract, ReceivedCommand)


def in_turn(handlers: Sequence[EventHandler]) -> EventHandler:
    """Return one handler that calls each of several, also when one before it fails.

    The event comes again, and takes effect once with those that have it. So each of them changes
    aggregates of its own: an aggregate that one has changed knows the event already.
    """

    def handle_in_turn(event: IntegrationEvent, context: CommandContext) -> CommandResult:
        failures: list[Exception] = []
        for handler in handlers:
            try:
                result = handler(event, context)
            except StoreUnavailable:
                raise
            except Exception as failure:  # noqa: BLE001 - raised when the others have the event
                failures.append(failure)
        if failures:
            raise min(failures, key=_lasts)
        return result

    return handle_in_turn


def _lasts(failure: Exception) -> tuple[bool, bool]:
    """Return how lasting a failure is, the least first: no attempt, to be tried again, hopeless.

    The least lasting decides: an event that is parked for another would not come again to those
    that newer code must serve.
    """
    return not isinstance(failure, NO_ATTEMPT), is_hopeless(failure)
