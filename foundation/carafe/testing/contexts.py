"""The contexts of commands in tests."""

from collections.abc import Iterable

from carafe.contracts.envelope import Caller, CommandContext
from carafe.infrastructure.identifiers import new_id


def a_context(
    subject: str = "somebody",
    scopes: Iterable[str] = (),
    *,
    command_id: str | None = None,
    digest: str = "digest",
) -> CommandContext:
    """Return the context of a command, which is new unless its id is passed."""
    return CommandContext(
        command_id=command_id or new_id(),
        digest=digest,
        caller=Caller(subject=subject, scopes=frozenset(scopes)),
        correlation_id=new_id(),
    )
