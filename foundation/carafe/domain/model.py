"""The building blocks: entities, aggregates, value objects, domain events.

`@schema` turns an annotated class into the one declaration from which its stored form is
derived: value objects and events become frozen, entities and aggregates stay mutable.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol, TypeVar, dataclass_transform

C = TypeVar("C")

SCHEMA_ATTRIBUTE = "__schema__"


class ValueObject:
    """Has no identity: two with equal attributes are the same. Never changes."""

    __slots__ = ()


@dataclass(slots=True, kw_only=True, eq=False)
class Entity:
    """Has an identity that outlives its attributes.

    Attributes:
        id: given when the entity is made, never by a store.
    """

    id: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index that the aggregate's queries rely on.

    Attributes:
        fields: attribute names, `-` in front of one that runs downwards; a dot leads into
            an attribute: `address.city`.
        unique: no two aggregates share the values.
        only_where: attributes and the values they must have for an aggregate to be indexed.
        expire_after_seconds: the store deletes an aggregate so long after the moment in the
            one attribute; None for never.
    """

    fields: tuple[str, ...]
    unique: bool = False
    only_where: tuple[tuple[str, str | int | bool], ...] = ()
    expire_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """What `@schema` declares beyond the annotations.

    Attributes:
        collection: where a store keeps the aggregates; None for what lives inside one.
        version: version of the stored form, raised when old documents need an upcast.
        indexes: what the store must index.
        tag: tells this class from the others of a union, in the stored form.
    """

    collection: str | None = None
    version: int = 1
    indexes: tuple[Index, ...] = ()
    tag: str | None = None


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
def schema(
    *,
    collection: str | None = None,
    version: int = 1,
    indexes: tuple[Index, ...] = (),
    tag: str | None = None,
) -> Callable[[type[C]], type[C]]:
    """Declare a class of the domain as stored.

    Args:
        collection: name of the aggregate's collection.
        version: version of the stored form, from 1.
        indexes: indexes over the aggregate's attributes.
        tag: tells the class from the others of a union.

    Raises:
        TypeError: an attribute has a value, but no type: it would not be stored.
    """

    def declare(cls: type[C]) -> type[C]:
        _require_annotations(cls)
        frozen = not issubclass(cls, Entity)
        declared = dataclass(frozen=frozen, slots=True, kw_only=True, eq=frozen)(cls)
        setattr(declared, SCHEMA_ATTRIBUTE, Schema(collection, version, indexes, tag))
        return declared

    return declare


def _require_annotations(cls: type) -> None:
    annotated = inspect.get_annotations(cls)
    for name, value in vars(cls).items():
        described = callable(value) or hasattr(value, "__get__")
        if not name.startswith("__") and name not in annotated and not described:
            raise TypeError(f"{cls.__name__}.{name} has no type, so that it would not be stored")


@schema()
class DomainEvent:
    """Something that happened to an aggregate, in the past tense. Never changes.

    Attributes:
        occurred_at: when, with a time zone.
    """

    occurred_at: datetime


@dataclass(slots=True, kw_only=True, eq=False)
class AggregateRoot(Entity):
    """The entity through which everything inside its boundary is changed.

    Attributes:
        version: commits so far; 0 before the first one.
        sequence: events committed so far, gapless.
        recorded: events that wait for the next commit, oldest first.
    """

    version: int = 0
    sequence: int = 0
    recorded: list[DomainEvent] = field(default_factory=list, init=False)

    def record(self, event: DomainEvent) -> None:
        """Remember an event until the commit that makes it true."""
        self.recorded.append(event)


def collection_of(aggregate: type[AggregateRoot]) -> str:
    """Return the name of the collection that keeps these aggregates.

    Raises:
        TypeError: its `@schema` names none.
    """
    declared: Schema | None = vars(aggregate).get(SCHEMA_ATTRIBUTE)
    if declared is None or declared.collection is None:
        raise TypeError(f"{aggregate.__name__} needs @schema(collection=...)")
    return declared.collection


class Clock(Protocol):
    """Tells the time, with a zone. Given from outside: the domain has no clock."""

    def __call__(self) -> datetime:
        """Return the present moment."""
