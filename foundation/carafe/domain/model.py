"""The building blocks: entities, aggregates, value objects, domain events and commands.

`@schema` turns an annotated class into the single declaration from which its stored form is
derived. Value objects, events and commands become frozen, entities and aggregates stay mutable.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol, TypeVar, dataclass_transform

from .timers import ActiveTimer, Timer, Timers, timer_id, timer_of, with_timer, without_timer

if TYPE_CHECKING:
    from .recurrence import Recurrence

C = TypeVar("C")

SCHEMA_ATTRIBUTE = "__schema__"


class ValueObject:
    """An immutable object without identity: equal attributes make two objects equal."""

    __slots__ = ()


@dataclass(slots=True, kw_only=True, eq=False)
class Entity:
    """An object whose identity outlives its attributes.

    Attributes:
        id: assigned when the entity is created, never by the store.
    """

    id: str


@dataclass(frozen=True, slots=True)
class Index:
    """An index that the aggregate's queries rely on.

    Attributes:
        fields: attribute names; a leading `-` means descending, a dot reaches into an
            attribute: `address.city`.
        unique: no two aggregates may have the same values.
        only_where: values that an aggregate's attributes must have for it to be indexed; a tuple
            of several leaves the choice.
        expire_after_seconds: the store deletes an aggregate this long after the time in the
            index's only attribute; None for never.
    """

    fields: tuple[str, ...]
    unique: bool = False
    only_where: tuple[tuple[str, str | int | bool | tuple[str | int | bool, ...]], ...] = ()
    expire_after_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """What `@schema` declares beyond the annotations.

    Attributes:
        collection: where the store keeps the aggregates; None for a part of an aggregate.
        version: version of the stored form, raised when old documents need an upcast.
        indexes: the indexes that the store must have.
        tag: distinguishes the classes of a union in the stored form.
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
    """Declare how a domain class is stored.

    Args:
        collection: name of the aggregate's collection.
        version: version of the stored form, from 1.
        indexes: indexes over the aggregate's attributes.
        tag: distinguishes the classes of a union.

    Raises:
        TypeError: an attribute has a value but no type, so it would not be stored.
    """

    def declare(cls: type[C]) -> type[C]:
        _require_annotations(cls)
        frozen = not issubclass(cls, Entity)
        stored_class = dataclass(frozen=frozen, slots=True, kw_only=True, eq=frozen)(cls)
        setattr(stored_class, SCHEMA_ATTRIBUTE, Schema(collection, version, indexes, tag))
        return stored_class

    return declare


def _require_annotations(cls: type) -> None:
    annotated = inspect.get_annotations(cls)
    for name, value in vars(cls).items():
        is_method = callable(value) or hasattr(value, "__get__")
        if not name.startswith("__") and name not in annotated and not is_method:
            raise TypeError(f"{cls.__name__}.{name} has no type and would not be stored: add one")


@schema()
class DomainEvent:
    """Something that happened to an aggregate, named in the past tense. Immutable.

    Attributes:
        occurred_at: when it happened, with a time zone.
    """

    occurred_at: datetime


@schema()
class DomainCommand:
    """What an aggregate wants another service, or another aggregate, to do. Immutable.

    It is named in the imperative, and leaves with the commit of the change that asks for it.
    """


@dataclass(frozen=True, slots=True)
class Identified:
    """A command that is sent under an id of its own.

    Attributes:
        id: a UUID.
        command: what is asked.
    """

    id: str
    command: DomainCommand


Recorded = DomainEvent | DomainCommand | Identified
"""What waits for the next commit."""


@dataclass(slots=True, kw_only=True, eq=False)
class AggregateRoot(Entity):
    """The entity through which everything inside its boundary is changed.

    Attributes:
        version: number of commits so far; 0 before the first one.
        sequence: number of events committed so far, without gaps.
        recorded: events and commands for the next commit, oldest first.
        timers: those that are set, in no particular order.
        has_changed_timers: whether the next commit stores the timers.
    """

    version: int = 0
    sequence: int = 0
    recorded: list[Recorded] = field(default_factory=list, init=False)
    timers: Timers = field(default=(), init=False)
    has_changed_timers: bool = field(default=False, init=False)

    def record(self, event: DomainEvent) -> None:
        """Add an event to the next commit."""
        self.recorded.append(event)

    def send(self, command: DomainCommand, *, command_id: str | None = None) -> None:
        """Add a command to the next commit; it leaves after what was recorded before it.

        Args:
            command: what is asked.
            command_id: a UUID; whatever is sent under one id takes effect once. By default a new
                one.
        """
        self.recorded.append(command if command_id is None else Identified(command_id, command))

    def timer(self, timer: type[Timer], key: str = "") -> ActiveTimer | None:
        """Return a timer that is set, or None."""
        return timer_of(self.timers, timer_id(timer, key))

    def set_timer(
        self,
        timer: type[Timer],
        due: "datetime | timedelta | Recurrence",
        *,
        at: datetime,
        key: str = "",
    ) -> None:
        """Set a timer with the next commit, or move it if it is set.

        Args:
            timer: its kind.
            due: when it calls: a moment, so much later, or again and again.
            at: the present.
            key: tells several of a kind apart.

        Raises:
            InvalidValue: it is due in the past, too far ahead, or has no zone; or the key is bad.
            TooManyTimers: there are as many as there may be.
        """
        self.replace_timers(with_timer(self.timers, timer_id(timer, key), due, at))

    def cancel_timer(self, timer: type[Timer], key: str = "") -> None:
        """Cancel a timer with the next commit; nothing happens if it is not set."""
        self.replace_timers(without_timer(self.timers, timer_id(timer, key)))

    def replace_timers(self, timers: Timers) -> None:
        """Have the timers that the functions of `carafe.domain.timers` return."""
        if timers != self.timers:
            self.timers = timers
            self.has_changed_timers = True


def collection_of(aggregate: type[AggregateRoot]) -> str:
    """Return the name of the collection that these aggregates are stored in.

    Raises:
        TypeError: its `@schema` names none.
    """
    declaration: Schema | None = vars(aggregate).get(SCHEMA_ATTRIBUTE)
    if declaration is None or declaration.collection is None:
        raise TypeError(f"{aggregate.__name__} needs @schema(collection=...)")
    return declaration.collection


class Clock(Protocol):
    """Returns the time, with a zone. It is passed in, since the domain has no clock."""

    def __call__(self) -> datetime:
        """Return the current time."""
