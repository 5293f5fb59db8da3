"""What a document keeps beside the state: version, waiting events, handled commands."""

from collections.abc import Sequence

from chalicelib.contracts.base import CommandResult
from chalicelib.contracts.envelope import CommandContext
from chalicelib.infrastructure.cqrs.outbox import MOST_PENDING, Envelope
from chalicelib.infrastructure.database.mongo.codec import Document
from chalicelib.infrastructure.database.mongo.mongo_repository import MOST_HANDLED
from chalicelib.infrastructure.errors import CommandMismatch, OutboxFull

NOTHING_YET: Document = {"version": 0, "sequence": 0, "pending": [], "handled": []}


def next_bookkeeping(
    before: Document, events: Sequence[Envelope], context: CommandContext
) -> Document:
    """Return the bookkeeping after a commit, in new lists: readers may still hold the old.

    Raises:
        OutboxFull: more events than an aggregate may hold would wait.
    """
    version, pending = before["version"] + 1, [*before["pending"], *events]
    if len(pending) > MOST_PENDING:
        raise OutboxFull(
            f"At most {MOST_PENDING} events of an aggregate wait for the bus; try again later."
        )
    entry = {"id": context.command_id, "digest": context.digest, "version": version}
    return {
        "version": version,
        "sequence": before["sequence"] + len(events),
        "pending": pending,
        "handled": [*before["handled"], entry][-MOST_HANDLED:],
    }


def earlier_result(document: Document | None, context: CommandContext) -> CommandResult | None:
    """Return the first result of a command, if the document remembers it.

    Raises:
        CommandMismatch: the id came before with another content.
    """
    if document is None:
        return None
    for entry in document["handled"]:
        if entry["id"] == context.command_id:
            if entry["digest"] != context.digest:
                raise CommandMismatch("This idempotency key was used before, for another request.")
            return CommandResult(id=document["_id"], version=entry["version"])
    return None
