"""Whose an aggregate is: callers see and change their own only, operators all of them.

OWNERSHIP = Ownership(Loan, "member_id", operators=OPERATIONS)

change(self.loans, command.id, context, apply, permit=OWNERSHIP.permit(context.caller))

self.loans.find_views(LOAN, *OWNERSHIP.criteria(caller), order=["-lent_at"])
"""

from collections.abc import Callable
from typing import Generic, TypeVar

from msgspec import Struct

from carafe.contracts.envelope import Caller
from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.bookkeeping import Refusals
from carafe.infrastructure.database.criteria import Criterion, equals

A = TypeVar("A", bound=AggregateRoot)


class Ownership(Struct, Generic[A], frozen=True):
    """What callers may see and change of one kind of aggregate.

    Attributes:
        aggregate: the kind.
        attribute: holds the subject of the caller whose it is.
        operators: the scope of those who see and change all of them.
    """

    aggregate: type[A]
    attribute: str
    operators: str

    def require(self, aggregate: A, caller: Caller) -> None:
        """Require that an aggregate is the caller's, or the caller an operator.

        Raises:
            NotFound: it is somebody else's; as if there were no such aggregate.
        """
        is_own = getattr(aggregate, self.attribute) == caller.subject
        if not is_own and not caller.may(self.operators):
            raise Refusals(self.aggregate).missing(aggregate.id)

    def permit(self, caller: Caller) -> Callable[[A], None]:
        """Return what requires the same of the aggregate that it is given, for `change`."""
        return lambda aggregate: self.require(aggregate, caller)

    def criteria(self, caller: Caller) -> list[Criterion]:
        """Return the criteria that leave out what is somebody else's; none for operators."""
        if caller.may(self.operators):
            return []
        return [equals(self.attribute, caller.subject)]
