"""Checks of other aggregates before a command, which names them by their ids.

They are checks and no guarantees: another aggregate may change between the check and the commit.
What must hold for good is one aggregate's own rule, or kept by a process.
"""

from collections.abc import Callable, Collection
from enum import Enum
from typing import TypeVar

from carafe.domain.errors import InvalidValue, NotFound, RuleBroken
from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.bookkeeping import Refusals
from carafe.infrastructure.database.repository import Repository

A = TypeVar("A", bound=AggregateRoot)


def require_reference(
    repository: Repository[A],
    identifier: str,
    field: str,
    *,
    statuses: Collection[Enum] = (),
    permit: Callable[[A], None] | None = None,
) -> None:
    """Require that an aggregate exists, perhaps in one of some statuses.

    Args:
        repository: where it is kept.
        identifier: its id.
        field: of the command that holds the id.
        statuses: in which it may be; by default any.
        permit: raises NotFound for one that the caller may not see, as `Ownership.permit`.

    Raises:
        InvalidValue: there is none, or none that the caller may see.
        RuleBroken: it has another status; the code is such as `room_is_closed`.
    """
    try:
        found = repository.get(identifier)
        if permit is not None:
            permit(found)
    except NotFound as missing:
        raise InvalidValue(field, f"there is no such {missing.kind}") from None
    status = getattr(found, "status", None)
    if statuses and isinstance(status, Enum) and status not in statuses:
        kind = Refusals(type(found)).missing(identifier).kind
        allowed = " or ".join(sorted(str(each.value) for each in statuses))
        raise RuleBroken(
            f"The {kind} must be {allowed}; it is {status.value}.",
            code=f"{kind.replace(' ', '_')}_is_{status.value}",
        )
