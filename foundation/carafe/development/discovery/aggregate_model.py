"""An aggregate of a resolved model, with all that belongs to it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from carafe.domain.recurrence import Recurrence

from .durations import Duration
from .names import camel, snake
from .rule_model import Rule
from .types import Type
from .unique_model import UniqueCombination

if TYPE_CHECKING:
    from .external_model import ServiceCall


@dataclass(frozen=True)
class Attribute:
    """A named value.

    Attributes:
        name: snake_case.
        type: the type of the value.
        owner: the aggregate or value that it belongs to, in CamelCase.
        behavior: the behaviour whose parameter it is; empty for an attribute of the owner.
        unique: no two aggregates may have the same value.
        from_caller: commands set it to the caller, and do not have it as a field.
        default: what it is unless the creation says otherwise, as the file has it; None without.
    """

    name: str
    type: Type
    owner: str = ""
    behavior: str = ""
    unique: bool = False
    from_caller: bool = False
    default: str | bool | None = None

    @property
    def may_lack(self) -> bool:
        """Whether whoever gives it a value may leave it out."""
        return self.type.optional or self.default is not None

    @property
    def full_name(self) -> str:
        """The name in snake_case, unique within the owner."""
        return f"{self.behavior}_{self.name}" if self.behavior else self.name


@dataclass(frozen=True)
class Enumeration:
    """A type with a fixed set of values."""

    name: str
    description: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Value:
    """A value object, or an entity, which also has an id; `rules` always hold of it."""

    name: str
    description: str
    attributes: tuple[Attribute, ...]
    is_entity: bool = False
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Event:
    """Something that happened to an aggregate; `tells` are its attributes besides the id."""

    name: str
    description: str
    tells: tuple[Attribute, ...]
    wire_type: str


@dataclass(frozen=True)
class TimerSetting:
    """A timer that a behaviour sets, or moves.

    Attributes:
        timer: its name.
        due: when it calls: so much later, at the moment in an attribute or a parameter, or again
            and again.
    """

    timer: str
    due: Duration | Attribute | Recurrence


@dataclass(frozen=True)
class Behavior:
    """Something that an aggregate can do.

    Attributes:
        name: a verb.
        description: a sentence.
        takes: its parameters.
        records: the name of the event that it records.
        creates: it creates the aggregate.
        deletes: it deletes the aggregate.
        when: the statuses in which it is allowed; empty for all.
        becomes: the status afterwards; empty if it stays the same.
        clears: optional attributes that it removes.
        timers: those that it sets.
        cancels: the names of timers that it cancels.
        rules: what must hold before it.
        adds: lists, and the parameter that is appended to each.
        removes: lists, and the parameter that says which element of each goes.
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
    timers: tuple[TimerSetting, ...] = ()
    cancels: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    adds: tuple[tuple[str, str], ...] = ()
    removes: tuple[tuple[str, str], ...] = ()

    @property
    def changed_lists(self) -> tuple[str, ...]:
        """The names of the lists that it adds to or removes from."""
        return tuple(name for name, _ in (*self.adds, *self.removes))


@dataclass(frozen=True)
class Timer:
    """Calls a behaviour when a time has come."""

    name: str
    description: str
    behavior: Behavior


@dataclass(frozen=True)
class Requirement:
    """A field of a command that must name an aggregate that exists.

    Attributes:
        field: of the command.
        aggregate: its name.
        statuses: in which it may be; empty for all.
    """

    field: Attribute
    aggregate: str
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Command:
    """A behaviour offered to callers.

    Attributes:
        call: of an external service, before the behaviour; None for none.
        requires: what must exist besides.
    """

    name: str
    description: str
    behavior: Behavior
    method: str
    path: str
    scope: str
    wire_name: str
    call: "ServiceCall | None" = None
    requires: tuple["Requirement", ...] = ()

    @property
    def takes(self) -> tuple[Attribute, ...]:
        """What a caller sends: the behaviour's parameters that neither caller nor call give."""
        given = self.call.gives if self.call else {}
        return tuple(
            each for each in self.behavior.takes if not (each.from_caller or each.name in given)
        )


@dataclass(frozen=True)
class Query:
    """A request for one aggregate by its id, or for a page of them.

    Attributes:
        filters: attributes that have a value.
        ranges: attributes that are not below a value, or below one.
        members: attributes with several values, of which one is a value; as that value.
        order: attributes, with dots into values, and `-` in front of descending ones.
    """

    name: str
    description: str
    path: str
    scope: str
    is_page: bool
    filters: tuple[Attribute, ...] = ()
    ranges: tuple[Attribute, ...] = ()
    members: tuple[Attribute, ...] = ()
    order: tuple[str, ...] = ()

    @property
    def has_filters(self) -> bool:
        """Whether a caller can narrow it."""
        return bool(self.filters or self.ranges or self.members)


@dataclass(frozen=True)
class Subscription:
    """An event, and the behaviour that it triggers.

    Attributes:
        name: the class of the contract, with its version.
        wire_type: the event's name on the wire.
        attributes: what the event tells; of an own event, the id of its aggregate first.
        identifier: the event's attribute that holds the aggregate's id.
        is_own: this service publishes the event itself.
        takes: the event's attribute by the behaviour's parameter, where their names differ.
    """

    name: str
    description: str
    wire_type: str
    attributes: tuple[Attribute, ...]
    behavior: Behavior
    identifier: str
    is_own: bool = False
    takes: Mapping[str, str] = field(default_factory=dict, hash=False)

    def source(self, parameter: Attribute) -> str:
        """Return the name of the event's attribute that a parameter is taken from."""
        return self.takes.get(parameter.name, parameter.name)


@dataclass(frozen=True)
class Aggregate:
    """A unit of consistency: it is loaded, changed and saved as a whole.

    Attributes:
        owner: the attribute that holds whose it is; None if nobody's.
        is_shared: whoever has the scope of a command or query may use it on all of them.
        unique: combinations of attributes that only one of them may have.
        rules: what holds after every behaviour.
    """

    name: str
    description: str
    collection: str
    attributes: tuple[Attribute, ...]
    behaviors: tuple[Behavior, ...]
    events: tuple[Event, ...]
    commands: tuple[Command, ...] = ()
    queries: tuple[Query, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    timers: tuple[Timer, ...] = ()
    owner: Attribute | None = None
    is_shared: bool = False
    unique: tuple[UniqueCombination, ...] = ()
    rules: tuple[Rule, ...] = ()

    @property
    def snake(self) -> str:
        """The name in snake_case."""
        return snake(self.name)

    @property
    def plural(self) -> str:
        """The plural of the name, in CamelCase."""
        return camel(self.collection)

    @property
    def status(self) -> Attribute | None:
        """The attribute that holds the status; None without one."""
        return next((each for each in self.attributes if each.name == "status"), None)

    @property
    def creation(self) -> Behavior:
        """The behaviour that creates the aggregate."""
        return next(each for each in self.behaviors if each.creates)

    def event(self, name: str) -> Event:
        """Return an event by its name."""
        return next(each for each in self.events if each.name == name)
