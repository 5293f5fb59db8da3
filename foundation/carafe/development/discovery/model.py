"""What a model says, resolved: every name leads to what it names."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .names import camel, snake
from .types import Type


@dataclass(frozen=True)
class Attribute:
    """A named value.

    Attributes:
        name: snake_case.
        type: of the value.
        owner: CamelCase name of the aggregate or value that it belongs to.
        behavior: the behaviour that takes it, if it is no attribute of the owner.
        unique: no two aggregates share it.
    """

    name: str
    type: Type
    owner: str = ""
    behavior: str = ""
    unique: bool = False

    @property
    def full_name(self) -> str:
        """Its name in snake_case, unique within its owner."""
        return f"{self.behavior}_{self.name}" if self.behavior else self.name


@dataclass(frozen=True)
class Enumeration:
    """One of several words."""

    name: str
    description: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Value:
    """A value object, or an entity: that has an id of its own beside its attributes."""

    name: str
    description: str
    attributes: tuple[Attribute, ...]
    is_entity: bool = False


@dataclass(frozen=True)
class Event:
    """Something that happened to an aggregate, and what it tells beside the aggregate's id."""

    name: str
    description: str
    tells: tuple[Attribute, ...]
    wire_type: str


@dataclass(frozen=True)
class Behavior:
    """What can be done with an aggregate.

    Attributes:
        name: a verb.
        description: a sentence.
        takes: what must be told.
        records: the event.
        creates: it makes the aggregate.
        deletes: the aggregate is gone afterwards.
        when: the statuses in which it is allowed; empty for all.
        becomes: the status afterwards.
        clears: optional attributes that are missing afterwards.
    """

    name: str
    description: str
    takes: tuple[Attribute, ...]
    records: str
    creates: bool = False
    deletes: bool = False
    when: tuple[str, ...] = ()
    becomes: str = ""
    clears: tuple[str, ...] = ()


@dataclass(frozen=True)
class Command:
    """A behaviour that others may ask for."""

    name: str
    description: str
    behavior: Behavior
    method: str
    path: str
    scope: str
    wire_name: str


@dataclass(frozen=True)
class Query:
    """A question: one aggregate by its id, or a page of them."""

    name: str
    description: str
    path: str
    scope: str
    is_page: bool
    filters: tuple[Attribute, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True)
class Subscription:
    """An event of another service, and the behaviour that follows from it.

    Attributes:
        name: of the contract's class, version included.
        wire_type: as the other service names it.
        identifier: the attribute that holds the aggregate's id.
    """

    name: str
    description: str
    wire_type: str
    attributes: tuple[Attribute, ...]
    behavior: Behavior
    identifier: str


@dataclass(frozen=True)
class Aggregate:
    """What is changed as one."""

    name: str
    description: str
    collection: str
    attributes: tuple[Attribute, ...]
    behaviors: tuple[Behavior, ...]
    events: tuple[Event, ...]
    commands: tuple[Command, ...] = ()
    queries: tuple[Query, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()

    @property
    def snake(self) -> str:
        """Its name in code."""
        return snake(self.name)

    @property
    def plural(self) -> str:
        """The name of many of them, in CamelCase."""
        return camel(self.collection)

    @property
    def status(self) -> Attribute | None:
        """The attribute that says where it stands."""
        return next((each for each in self.attributes if each.name == "status"), None)

    @property
    def creation(self) -> Behavior:
        """The behaviour that makes one."""
        return next(each for each in self.behaviors if each.creates)

    def event(self, name: str) -> Event:
        """Return an event by its name."""
        return next(each for each in self.events if each.name == name)


@dataclass(frozen=True)
class Operation:
    """What an external service does: a method of the port."""

    name: str
    description: str
    method: str
    path: str
    takes: tuple[Attribute, ...]
    returns: Attribute | None


@dataclass(frozen=True)
class ExternalService:
    """A service of others, behind a port of the domain."""

    name: str
    description: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class Model:
    """The whole service."""

    context: str
    enumerations: Mapping[str, Enumeration] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)
    aggregates: tuple[Aggregate, ...] = ()
    external_services: tuple[ExternalService, ...] = ()
