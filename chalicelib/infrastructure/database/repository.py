"""The port that every aggregate's repository fills, whatever the store."""

from typing import Protocol, TypeVar

from chalicelib.contracts.base import CommandResult
from chalicelib.contracts.envelope import CommandContext
from chalicelib.domain.model import AggregateRoot

A = TypeVar("A", bound=AggregateRoot)


class Repository(Protocol[A]):
    """Keeps aggregates, their events until they are relayed, and the commands they handled.

    Each of add, save and delete commits state, events and command id in one write, and
    returns the first result when the command was handled before.

    All raise StoreUnavailable when the store does not answer in time; those that write also
    EventTooLarge, OutboxFull, and CommandMismatch when the command's id came before with
    another content.
    """

    def add(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store a new aggregate.

        Raises:
            AlreadyExists: its id or a unique attribute is taken.
        """

    def get(self, identifier: str) -> A:
        """Return an aggregate.

        Raises:
            NotFound: there is none, or it was deleted.
        """

    def load(self, identifier: str, context: CommandContext) -> A | CommandResult:
        """Return an aggregate to be changed, or the first result of a repeated command.

        Raises:
            NotFound: there is none, or it was deleted.
        """

    def earlier_result(self, identifier: str, context: CommandContext) -> CommandResult | None:
        """Return what the command answered before, if this aggregate handled it."""

    def save(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Store the changed state of an aggregate.

        Raises:
            StaleVersion: it changed since it was read.
            NotFound: it was deleted since.
        """

    def delete(self, aggregate: A, context: CommandContext) -> CommandResult:
        """Delete an aggregate; its last events are relayed all the same.

        Raises:
            StaleVersion: it changed since it was read.
            NotFound: it was deleted since.
        """
