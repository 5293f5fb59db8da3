"""What an operator changes of aggregates: each by a commit and an audit record of its own."""

import getpass
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from carafe.contracts.envelope import Caller, CommandContext
from carafe.domain.errors import DomainError
from carafe.infrastructure.errors import InfrastructureError, StoreUnavailable
from carafe.infrastructure.identifiers import digest_of, new_id

T = TypeVar("T")
T_contra = TypeVar("T_contra", contravariant=True)


class Record(Protocol[T_contra]):
    """Writes an audit record."""

    def __call__(self, action: str, subject: T_contra, /, **notes: str) -> None:
        """Write it: what was done to what, or why it was not."""


def apply_to_each(
    action: str,
    subjects: Sequence[T],
    commit: Callable[[T], Mapping[str, str]],
    record: Record[T],
    refusals: tuple[type[Exception], ...] = (),
) -> int:
    """Change things one after the other, and return how many stay as they were.

    The record of each, a line on stderr, shows how far it is.

    Args:
        action: what the change is called in the records.
        subjects: what is changed.
        commit: changes one, and returns what its record tells besides.
        record: writes the record of one.
        refusals: further errors that leave one as it was.

    Raises:
        StoreUnavailable: the store is away; what was recorded is done.
    """
    caught: tuple[type[Exception], ...] = (DomainError, InfrastructureError, *refusals)
    refused = 0
    for each in subjects:
        try:
            notes = commit(each)
        except StoreUnavailable:
            raise
        except caught as error:
            refused += 1
            record(f"{action} refused: {error}", each)
        else:
            record(action, each, **notes)
    return refused


def operator_context(
    command: str, content: object, correlation_id: str | None = None
) -> CommandContext:
    """Return the context of an operator's command.

    Args:
        command: its name.
        content: what it is about.
        correlation_id: of what it belongs to; a new one if it belongs to nothing.
    """
    return CommandContext(
        command_id=new_id(),
        digest=digest_of(command, content),
        caller=Caller(subject=f"operator:{getpass.getuser()}", scopes=frozenset()),
        correlation_id=correlation_id or new_id(),
    )
