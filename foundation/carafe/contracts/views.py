"""Views: what a service shows of its aggregates, made without checking it again.

    LOAN = View(LoanView, Loan)

    LOAN.of(loan)

The fields of a view are named as attributes or properties of the aggregate. What lies in them is
declared by the domain, and a contract for it by the view.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from carafe.domain.model import AggregateRoot

from .base import Contract
from .conversion import Conversion
from .declared_types import attribute_types

A = TypeVar("A", bound=AggregateRoot)
V = TypeVar("V", bound=Contract)


class View(Generic[V, A]):
    """Makes one kind of view.

    Args:
        contract: the view.
        aggregate: what it shows.

    Attributes:
        attributes: the only ones of the aggregate that the view needs; None for all of them,
            which a property may need.

    Raises:
        ValueError: a field is no attribute or property of the aggregate, or of a type that
            nothing can be made of; names every fault.
    """

    def __init__(self, contract: type[V], aggregate: type[A]) -> None:
        self._conversion = Conversion(aggregate, contract)
        if self._conversion.faults:
            raise ValueError("; ".join(self._conversion.faults))
        self._convert: Callable[[A], V] | None = None
        names = frozenset(field.name for field in msgspec.structs.fields(contract))
        self.attributes = names if names <= attribute_types(aggregate).keys() else None

    def of(self, aggregate: A) -> V:
        """Return the view of an aggregate."""
        if self._convert is None:
            self._convert = self._conversion.compiled()
        return self._convert(aggregate)
