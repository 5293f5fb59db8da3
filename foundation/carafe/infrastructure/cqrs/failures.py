"""What a message's failure means: to be tried again later, or never."""

from carafe.contracts.validation import MalformedMessage
from carafe.domain.errors import InvalidValue
from carafe.infrastructure.errors import CommandMismatch, EventTooLarge
from carafe.infrastructure.event_bus.names import RETRY_DELAYS_SECONDS

from .mediator import ScopeMissing

LONGEST_DETAIL = 500


class UnknownMessage(Exception):
    """Nobody here handles a message of this type and version."""

    code = "unknown_type"


HOPELESS = (MalformedMessage, InvalidValue, CommandMismatch, EventTooLarge, ScopeMissing)
"""No later attempt can succeed. A broken rule or a missing aggregate is not among them: the
message may have overtaken the one it follows from."""


def is_final(error: Exception, failures: int) -> bool:
    """Tell whether a message is to be parked.

    Args:
        error: why its handling failed now.
        failures: how often it failed before.
    """
    hopeless = isinstance(error, (*HOPELESS, UnknownMessage))
    return hopeless or failures >= len(RETRY_DELAYS_SECONDS)


def code_of(error: Exception) -> str:
    """Return a stable name of a failure."""
    if isinstance(error, MalformedMessage):
        return "malformed"
    return str(getattr(error, "code", type(error).__name__))


def detail_of(error: Exception) -> str:
    """Return what a person should know; of an unforeseen error nothing, it may quote anything."""
    foreseen = isinstance(error, MalformedMessage) or hasattr(error, "code")
    return str(error)[:LONGEST_DETAIL] if foreseen else ""
