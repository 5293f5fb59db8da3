"""A simulated collection that notes what it is asked, and to which things happen meanwhile."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pymongo import UpdateOne

from simulation.collection import Collection, Database, Found, Matched
from simulation.store import ReplicaSet

from .simulated_servers import MAJORITY, a_network

R = TypeVar("R")

Happening = Callable[[], object]


@dataclass
class Call:
    """What a collection was asked.

    Attributes:
        name: of the driver's method.
        given: the document, or the query and the update.
        session: the transaction that it belongs to.
        options: the others.
    """

    name: str
    given: tuple[Any, ...] = ()
    session: object = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Notes:
    """What was asked of a collection.

    Attributes:
        calls: in their order.
        loaded: the names of the attributes that were read.
    """

    calls: list[Call] = field(default_factory=list)
    loaded: set[str] = field(default_factory=set)

    @property
    def names(self) -> list[str]:
        """The methods that were called."""
        return [each.name for each in self.calls]

    def clear(self) -> None:
        """Begin anew."""
        self.calls.clear()
        self.loaded.clear()


class ObservedCollection(Collection):
    """A simulated collection without faults but those that a test asks for.

    Attributes:
        notes: what it was asked.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name, ReplicaSet(a_network()), MAJORITY)
        self.notes = Notes()
        self._before: dict[str, list[Happening]] = {}
        self._after: dict[str, list[Happening]] = {}

    def before(self, name: str, *happenings: Happening) -> None:
        """Let something happen before each of the next calls of a method."""
        self._before[name] = list(happenings)

    def after(self, name: str, *happenings: Happening) -> None:
        """Let something happen before the answers to the next calls of a method."""
        self._after[name] = list(happenings)

    def find(self, *query: Any, session: object = None, **options: Any) -> Found:  # noqa: ANN401 - a driver's
        return self._read_with("find", query, session, options)

    def find_one(self, *query: Any, session: object = None, **options: Any) -> Any:  # noqa: ANN401 - the same
        found = self._read_with("find_one", query, session, options | {"limit": 1})
        return found[0] if found else None

    def insert_one(self, document: dict[str, Any], *, session: object = None, **_: object) -> None:
        given = Call("insert_one", (document,), session)
        self._noted(given, lambda: super(ObservedCollection, self).insert_one(document))

    def update_one(
        self,
        query: Mapping[str, Any],
        update: Mapping[str, Any],
        *,
        session: object = None,
        **_: object,
    ) -> Matched:
        given = Call("update_one", (query, update), session)
        return self._noted(given, lambda: super(ObservedCollection, self).update_one(query, update))

    def update_many(
        self, query: Mapping[str, Any], update: Mapping[str, Any], **_: object
    ) -> Matched:
        given = Call("update_many", (query, update))
        return self._noted(
            given, lambda: super(ObservedCollection, self).update_many(query, update)
        )

    def bulk_write(self, updates: Sequence[UpdateOne], **options: object) -> None:
        given = Call("bulk_write", tuple(updates), None, options)
        self._noted(given, lambda: super(ObservedCollection, self).bulk_write(updates))

    def document(self, identifier: str) -> dict[str, Any]:
        """Return a document, unnoted."""
        document: dict[str, Any] = self._latest()[identifier]
        return dict(document)

    def _read_with(
        self, name: str, query: Sequence[Any], session: object, options: Mapping[str, Any]
    ) -> Found:
        given = Call(name, tuple(query), session, options)
        found = self._noted(given, lambda: super(ObservedCollection, self).find(*query, **options))
        self.notes.loaded.update(*found)
        return found

    def _noted(self, call: Call, work: Callable[[], R]) -> R:
        self.notes.calls.append(call)
        _happen(self._before.get(call.name))
        result = work()
        _happen(self._after.get(call.name))
        return result


class ObservedDatabase(Database):
    """A database of such collections."""

    def __init__(self) -> None:
        super().__init__("observed", ReplicaSet(a_network()), MAJORITY)
        self._collections: dict[str, ObservedCollection] = {}

    def __getitem__(self, name: str) -> ObservedCollection:
        return self._collections.setdefault(name, ObservedCollection(name))


def _happen(happenings: list[Happening] | None) -> None:
    if happenings:
        happenings.pop(0)()


def raising(error: Exception) -> Happening:
    """Return what raises an error."""

    def happen() -> None:
        raise error

    return happen


def nothing() -> None:
    """Let the call through."""
