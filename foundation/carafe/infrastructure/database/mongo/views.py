"""Views: only the attributes that a reader needs travel from the store.

A view is a contract whose fields are named as the aggregate's attributes, with `id` and
`version`. It is read without building the aggregate.
"""

from collections.abc import Mapping
from typing import Generic, TypeVar

import msgspec

from carafe.contracts.base import Contract
from carafe.domain.model import AggregateRoot
from carafe.infrastructure.database.codec import Document, decode_value
from carafe.infrastructure.database.forms import ScalarForm, stored_fields
from carafe.infrastructure.errors import DocumentUnreadable

V = TypeVar("V", bound=Contract)

_ALWAYS_THERE = {"id": ("_id", ScalarForm(str)), "version": ("version", ScalarForm(int))}


class View(Generic[V]):
    """Reads one kind of view out of an aggregate's documents.

    Args:
        contract: the view.
        aggregate: whose documents.

    Raises:
        ValueError: the aggregate has no attribute of that name.
    """

    def __init__(self, contract: type[V], aggregate: type[AggregateRoot]) -> None:
        self._contract = contract
        known = {name: (name, form) for name, form in stored_fields(aggregate).items()}
        known |= _ALWAYS_THERE
        names = [field.name for field in msgspec.structs.fields(contract)]
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValueError(f"{aggregate.__name__} has no attribute {unknown[0]}")
        self.projection: Mapping[str, int] = {"schema_version": 1} | {
            known[name][0]: 1 for name in names
        }
        self._parts = [(name, *known[name]) for name in names]

    def read(self, document: Document) -> V:
        """Return the view of a document."""
        values = {name: decode_value(form, document[at]) for name, at, form in self._parts}
        return shown(msgspec.to_builtins(values), self._contract)


def shown(values: object, contract: type[V]) -> V:
    """Return the view of stored values.

    Raises:
        DocumentUnreadable: they do not fit it: a rule has become stricter since they were stored.
    """
    try:
        return msgspec.convert(values, contract)
    except msgspec.ValidationError:
        # Without its cause: that would tell the caller what is wrong with the request.
        raise DocumentUnreadable(f"What is stored does not fit {contract.__name__}.") from None
