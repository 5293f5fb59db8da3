"""What every store remembers of handled commands, and in which words it refuses."""

import re
from datetime import datetime, timedelta

from carafe.contracts.base import CommandResult
from carafe.contracts.envelope import CommandContext
from carafe.domain.errors import AlreadyExists, NotFound, StaleVersion
from carafe.domain.model import AggregateRoot
from carafe.infrastructure.errors import CommandMismatch, OutboxFull
from carafe.infrastructure.outbox.outbox import MOST_PENDING

from .codec import Document

# The commands that an aggregate remembers: its creation for as long as there is a document of it,
# the latest hundred however old they are, and further ones for a day, which is how long public
# APIs keep idempotency keys. A thousand are the limit, with 160 bytes each (decision 0026).
HANDLED_FOR = timedelta(hours=24)
LEAST_HANDLED = 100
MOST_HANDLED = 1_000

# Old commands are forgotten with every so many commits, since that needs a write of its own.
FORGETTING_EVERY = 50

CREATION_VERSION = 1

_WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def handled_entry(context: CommandContext, version: int, at: datetime) -> Document:
    """Return what a document remembers of a command that it handled."""
    return {"id": context.command_id, "digest": context.digest, "version": version, "at": at}


def forgets_after(version: int) -> bool:
    """Return whether old commands are forgotten after the commit of a version."""
    return version > LEAST_HANDLED and version % FORGETTING_EVERY == 0


def is_forgotten(entry: Document, version: int, at: datetime) -> bool:
    """Return whether a command is remembered no longer.

    Args:
        entry: what a document remembers of it.
        version: the document's.
        at: the time of its last commit.
    """
    handled_version: int = entry["version"]
    handled_at: datetime = entry["at"]
    if handled_version == CREATION_VERSION or handled_version > version - LEAST_HANDLED:
        return False
    return handled_at < at - HANDLED_FOR or handled_version <= version - MOST_HANDLED


def earlier_result(document: Document | None, context: CommandContext) -> CommandResult | None:
    """Return the first result of a command, if the document remembers it.

    Args:
        document: with its handled commands, or with at least the one that matters.
        context: the command's.

    Raises:
        CommandMismatch: the id came before with another content.
    """
    if document is None:
        return None
    for entry in document.get("handled", ()):
        if entry["id"] == context.command_id:
            if entry["digest"] != context.digest:
                raise CommandMismatch("This idempotency key was used before, for another request.")
            return CommandResult(id=document["_id"], version=entry["version"], repeated=True)
    return None


class Refusals:
    """What one type of aggregate is called in refusals.

    Args:
        aggregate: the type.
    """

    def __init__(self, aggregate: type[AggregateRoot]) -> None:
        self._name = _WORD_BOUNDARY.sub(" ", aggregate.__name__).lower()
        self._code = self._name.replace(" ", "_")

    def require_alive(self, document: Document | None, identifier: str) -> Document:
        """Return a document that is there, and no tombstone.

        Raises:
            NotFound: it is neither.
        """
        if document is None or "deleted_at" in document:
            raise self.missing(identifier)
        return document

    def missing(self, identifier: str) -> NotFound:
        """Return the refusal of one that is not there."""
        return NotFound(self._name, identifier)

    def already_exists(self, *names: str) -> AlreadyExists:
        """Return the refusal of a second one with the same attributes."""
        return AlreadyExists(
            f"Another {self._name} has this {' and '.join(names)}.",
            code=f"{self._code}_already_exists",
        )

    def stale(self) -> StaleVersion:
        """Return the refusal of a change of what changed since it was read."""
        return StaleVersion(f"The {self._name} changed meanwhile; read it again and repeat.")

    def outbox_full(self) -> OutboxFull:
        """Return the refusal of more events than may wait."""
        return OutboxFull(
            f"At most {MOST_PENDING} events of one {self._name} wait for the bus; try again later."
        )
