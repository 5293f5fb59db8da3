"""What templates want to know of an aggregate beyond what the model says."""

from collections.abc import Mapping
from dataclasses import dataclass

from carafe.development.discovery.lifecycle import steps_before, steps_to_refusal
from carafe.development.discovery.model import (
    Aggregate,
    Attribute,
    Behavior,
    Command,
    Event,
    Model,
    Subscription,
)

from .code import requirement

NO_EVENT = Event("", "", (), "")


@dataclass(frozen=True)
class DetailedBehavior(Behavior):
    """A behaviour with what its code consists of.

    Attributes:
        event: what it records.
        checks: statements that refuse wrong values.
        sets: attributes that take a new value.
        kept: cleared attributes whose old value the event tells.
        told: attribute of the event → expression.
        follows: the table of statuses guards it.
        narrow: it is allowed in fewer statuses than the table says.
        before: behaviours that lead to where it is allowed; None if none do.
        refused: behaviours that lead to where it is refused; None if none do.
    """

    event: Event = NO_EVENT
    checks: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    told: Mapping[str, str] | None = None
    follows: bool = False
    narrow: bool = False
    before: list[Behavior] | None = None
    refused: list[Behavior] | None = None


@dataclass(frozen=True)
class DetailedCommand(Command):
    """A command with the commands that lead to where it is allowed, or refused."""

    before: list[Command] | None = None
    refused: list[Command] | None = None


@dataclass(frozen=True)
class DeclaredIndex:
    """An index that a query or a unique attribute needs."""

    fields: tuple[str, ...]
    unique: bool = False


@dataclass(frozen=True)
class DetailedAggregate(Aggregate):
    """An aggregate with what its code consists of.

    Attributes:
        taken: its attributes, and what behaviours take beside them.
        follows: status → the statuses before it.
        indexes: for its queries and unique attributes.
        creating: the command that makes one, if there is one.
        first_event: what its making records.
    """

    taken: tuple[Attribute, ...] = ()
    follows: Mapping[str, tuple[str, ...]] | None = None
    indexes: tuple[DeclaredIndex, ...] = ()
    creating: Command | None = None
    first_event: Event = NO_EVENT

    @property
    def spoken(self) -> list[Attribute]:
        """Everything that it holds, that it is told, or that others tell about it."""
        subscribed = [
            each for subscription in self.subscriptions for each in subscription.attributes
        ]
        return [*self.taken, *subscribed]

    @property
    def scopes(self) -> list[str]:
        """What a token must allow for all that can be asked of it."""
        scopes = [each.scope for each in self.commands]
        return sorted({*scopes, *(each.scope for each in self.queries)})

    @property
    def ordered_attributes(self) -> list[Attribute]:
        """Its attributes, those without a default first."""
        return sorted(self.attributes, key=lambda each: each.type.optional or each.type.many)


def detailed(aggregate: Aggregate, model: Model) -> DetailedAggregate:
    """Return an aggregate with everything that its code consists of."""
    follows = _follows(aggregate, model)
    behaviors = {each.name: _behavior(aggregate, each, follows) for each in aggregate.behaviors}
    commands = tuple(_command(aggregate, each, behaviors) for each in aggregate.commands)
    extra = [take for each in aggregate.behaviors for take in each.takes if take.behavior]
    attributes = vars(aggregate) | {
        "behaviors": tuple(behaviors.values()),
        "commands": commands,
        "subscriptions": tuple(
            Subscription(**vars(each) | {"behavior": behaviors[each.behavior.name]})
            for each in aggregate.subscriptions
        ),
    }
    return DetailedAggregate(
        **attributes,
        taken=(*aggregate.attributes, *extra),
        follows=follows,
        indexes=_indexes(aggregate),
        creating=next((each for each in commands if each.behavior.creates), None),
        first_event=aggregate.event(aggregate.creation.records),
    )


def _follows(aggregate: Aggregate, model: Model) -> Mapping[str, tuple[str, ...]]:
    """Return which statuses may come before each; without those that may follow on any."""
    if aggregate.status is None or aggregate.status.type.name not in model.enumerations:
        return {}
    follows: dict[str, tuple[str, ...]] = {}
    values = model.enumerations[aggregate.status.type.name].values
    for value in values:
        ways = [each for each in aggregate.behaviors if each.becomes == value and not each.creates]
        if ways and all(each.when for each in ways):
            before = {earlier for each in ways for earlier in each.when}
            follows[value] = tuple(each for each in values if each in before)
    return follows


def _behavior(
    aggregate: Aggregate, behavior: Behavior, follows: Mapping[str, tuple[str, ...]]
) -> DetailedBehavior:
    event = aggregate.event(behavior.records)
    attributes = {each.name for each in aggregate.attributes}
    told = {each.name: _told(aggregate, behavior, each.name) for each in event.tells}
    guarded = behavior.becomes in follows and not behavior.creates
    allowed = set(follows.get(behavior.becomes, ()))
    return DetailedBehavior(
        **vars(behavior),
        event=event,
        checks=tuple(filter(None, (requirement(take, take.name) for take in behavior.takes))),
        sets=tuple(take.name for take in behavior.takes if take.name in attributes),
        kept=tuple(each for each in behavior.clears if each in told),
        told=told,
        follows=guarded,
        narrow=bool(behavior.when) and (not guarded or set(behavior.when) != allowed),
        before=None if behavior.creates else steps_before(aggregate, behavior),
        refused=None if behavior.creates else steps_to_refusal(aggregate, behavior),
    )


def _told(aggregate: Aggregate, behavior: Behavior, name: str) -> str:
    """Return where a behaviour has what its event tells."""
    if name in {each.name for each in behavior.takes} | set(behavior.clears):
        return name
    return f"{aggregate.snake}.{name}" if behavior.creates else f"self.{name}"


def _command(
    aggregate: Aggregate, command: Command, behaviors: Mapping[str, DetailedBehavior]
) -> DetailedCommand:
    by_behavior = {each.behavior.name: each for each in aggregate.commands}
    behavior = behaviors[command.behavior.name]

    def as_commands(way: list[Behavior] | None) -> list[Command] | None:
        return None if way is None else [by_behavior[each.name] for each in way]

    changing = not behavior.creates
    before = steps_before(aggregate, behavior, by_behavior) if changing else None
    refused = steps_to_refusal(aggregate, behavior, by_behavior) if changing else None
    return DetailedCommand(
        **vars(command) | {"behavior": behavior},
        before=as_commands(before),
        refused=as_commands(refused),
    )


def _indexes(aggregate: Aggregate) -> tuple[DeclaredIndex, ...]:
    """Return an index for each unique attribute, and for each page with and without filters."""
    unique = [each.name for each in aggregate.attributes if each.unique]
    indexes = [DeclaredIndex((name,), unique=True) for name in unique]
    for query in aggregate.queries:
        order = tuple(query.order)
        last = "-id" if order and order[-1].startswith("-") else "id"
        filters = tuple(each.name for each in query.filters)
        for chosen in [(), *((each,) for each in filters), filters]:
            fields = (*chosen, *(each for each in order if each.lstrip("-") not in chosen), last)
            if query.is_page and len(fields) > 1:
                indexes.append(DeclaredIndex(fields))
    return tuple(dict.fromkeys(indexes))
