"""The unique indexes that an aggregate declares, over documents in memory."""

import itertools

from carafe.domain.model import AggregateRoot, Index
from carafe.infrastructure.database.bookkeeping import Refusals
from carafe.infrastructure.database.codec import Document
from carafe.infrastructure.database.forms import schema_of
from carafe.infrastructure.database.stored import stored_name

from .matching import Comparable, comparable, values_at


class UniqueIndexes:
    """Knows which document holds which place; not safe without the repository's lock.

    Args:
        aggregate: whose declared indexes these are.
    """

    def __init__(self, aggregate: type[AggregateRoot]) -> None:
        self._refusals = Refusals(aggregate)
        self._indexes = [each for each in schema_of(aggregate).indexes if each.unique]
        self._holders: dict[Comparable, str] = {}

    def move(self, before: Document | None, after: Document) -> None:
        """Take a document's new places, and leave its old ones.

        Raises:
            AlreadyExists: another document holds one of them; nothing was changed.
        """
        places = [key for index in self._indexes for key in _places(index, after)]
        for index, *place in places:
            if self._holders.get((index, *place), after["_id"]) != after["_id"]:
                raise self._refusals.already_exists(*(each.lstrip("-") for each in index.fields))
        for left in (key for index in self._indexes for key in _places(index, before or {})):
            del self._holders[left]
        self._holders.update(dict.fromkeys(places, after["_id"]))


def _places(index: Index, document: Document) -> set[Comparable]:
    """Return what a document holds in an index; a tombstone holds nothing."""
    if not all(_is_met(document, name, value) for name, value in index.only_where):
        return set()
    columns = [values_at(document, stored_name(each.lstrip("-"))) for each in index.fields]
    return {(index, *map(comparable, row)) for row in itertools.product(*columns)}


def _is_met(document: Document, name: str, value: object) -> bool:
    """Return whether an attribute has the value, or one of those, that an index demands."""
    allowed = value if isinstance(value, tuple) else (value,)
    return any(each in allowed for each in values_at(document, stored_name(name)))
