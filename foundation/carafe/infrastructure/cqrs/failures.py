"""What a message's failure means: to be tried again later, or never."""

import re

from carafe.contracts.validation import MalformedMessage
from carafe.domain.errors import InvalidValue
from carafe.infrastructure.errors import (
    CommandMismatch,
    DocumentTooNew,
    EventTooLarge,
    StoreUnavailable,
)
from carafe.infrastructure.event_bus.names import RETRY_DELAYS_SECONDS

from .middleware.scope import ScopeMissing

LONGEST_CODE = 100
LONGEST_DETAIL = 500

# What SQS accepts in an attribute: the characters of XML 1.0.
_UNSENDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class UnknownMessage(Exception):
    """Nobody here handles a message of this type and version."""

    code = "unknown_type"


HOPELESS = (MalformedMessage, InvalidValue, CommandMismatch, EventTooLarge, ScopeMissing)
"""No later attempt can succeed. A broken rule or a missing aggregate is not among them: the
message may have overtaken the one it follows from."""


NO_ATTEMPT = (StoreUnavailable, DocumentTooNew)
"""Neither the message nor its sender is at fault. It comes again however often this happens: the
store will be back, and newer code, which runs beside this one during a deployment, can read the
document."""

NO_ATTEMPT_SECONDS = 60
"""How long a message rests meanwhile; among `RETRY_DELAYS_SECONDS`."""


def is_final(error: Exception, failures: int) -> bool:
    """Return whether a message is to be parked.

    Args:
        error: why its handling failed now.
        failures: how often it failed before.
    """
    return is_hopeless(error) or failures >= len(RETRY_DELAYS_SECONDS)


def is_hopeless(error: Exception) -> bool:
    """Return whether a message that failed so once always will."""
    return isinstance(error, (*HOPELESS, UnknownMessage))


def code_of(error: Exception) -> str:
    """Return a stable name of a failure."""
    if isinstance(error, MalformedMessage):
        return "malformed"
    return sendable(str(getattr(error, "code", type(error).__name__)))[:LONGEST_CODE]


def detail_of(error: Exception) -> str:
    """Return what an operator should know; of an unforeseen error nothing: it may quote a body."""
    foreseen = isinstance(error, MalformedMessage) or hasattr(error, "code")
    return sendable(str(error))[:LONGEST_DETAIL] if foreseen else ""


def sendable(text: str) -> str:
    """Return a text with U+FFFD for each character that a queue would not accept."""
    return _UNSENDABLE.sub("\ufffd", text)
