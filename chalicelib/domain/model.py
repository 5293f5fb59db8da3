"""The building blocks: entities, aggregates, value objects, domain events.

`@schema` turns an annotated class into the one declaration from which its stored form is
derived: value objects and events become frozen, entities and aggregates stay mutable.
"""

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
        fields: attribute names, `-` in front of one that runs downwards.
        unique: no two aggregates share the values.
    """

    fields: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """What `@schema` declares beyond the annotations.

    Attributes:
        collection: where a store keeps the aggregates; None for what lives inside one.
        version: version of the stored form, raised when old documents need an upcast.
        indexes: what the store must index.
    """

    collection: str | None = None
    version: int = 1
    indexes: tuple[Index, ...] = ()


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
def schema(
    *, collection: str | None = None, version: int = 1, indexes: tuple[Index, ...] = ()
) -> Callable[[type[C]], type[C]]:
    """Declare a class of the domain as stored.

    Args:
        collection: name of the aggregate's collection.
        version: version of the stored form, from 1.
        indexes: indexes over the aggregate's attributes.
    """

    def declare(cls: type[C]) -> type[C]:
        frozen = not issubclass(cls, Entity)
        declared = dataclass(frozen=frozen, slots=True, kw_only=True, eq=frozen)(cls)
        setattr(declared, SCHEMA_ATTRIBUTE, Schema(collection, version, indexes))
        return declared

    return declare


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
